import Glibc
import Linux
import SystemPackage

/// What a new volume begins with: the image's content at the place where it is mounted.
enum VolumeContent {
    /// Fills an empty volume and gives it the owner and mode of the image's directory. A volume
    /// with anything in it, and a place the image does not have, change nothing.
    ///
    /// The content appears at once, by renaming: a crash leaves the volume empty.
    static func copy(
        from target: String,
        of view: Root,
        into volume: FilePath
    ) throws(SyscallError) {
        guard let source = try open(target, in: view), try isEmpty(volume) else { return }
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let making = volume.removingLastComponent().appending(".content.\(random).tmp")
        do throws(SyscallError) {
            try makeDirectories(making)
            var copy = TreeCopy(into: SharedFD(try openFile(making, O_RDONLY | O_DIRECTORY)))
            try copy.run(from: source)
            try rename(making, over: volume)
        } catch {
            try removeTree(making)
            // Somebody else filled it first, or a container wrote to it already.
            if error.errno != ENOTEMPTY && error.errno != EEXIST { throw error }
        }
    }

    private static func open(_ target: String, in view: Root) throws(SyscallError) -> SharedFD? {
        do throws(SyscallError) {
            return SharedFD(try view.open(FilePath(target), O_RDONLY | O_DIRECTORY))
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
    }

    private static func isEmpty(_ volume: FilePath) throws(SyscallError) -> Bool {
        let folder = SharedFD(try openFile(volume, O_RDONLY | O_DIRECTORY))
        return try DirectoryListing.names(in: folder).isEmpty
    }

    private static func rename(_ from: FilePath, over to: FilePath) throws(SyscallError) {
        _ = try syscall("rename", on: to.string) {
            from.withPlatformString { from in to.withPlatformString { Glibc.rename(from, $0) } }
        }
    }
}
