import CLinux
import Glibc
package import Linux
package import SystemPackage

/// What is copied between a container and the host, by docker's rules: a folder that is there gets
/// what is copied under its own name, or its content (`dir/.`); where nothing is, the last name of
/// the destination is that of the copy.
package struct FileCopy: Sendable {
    /// What is copied.
    package var source: CopyPath
    /// A link that the source is, is followed.
    package var followsLink = false

    /// Copies a path as it was written.
    package init(_ source: CopyPath, followsLink: Bool = false) {
        self.source = source
        self.followsLink = followsLink
    }

    /// Copies, and says how many bytes a tar of it would have. What is made on the host is the
    /// caller's, unless `keepsOwners`.
    package func run(
        from side: CopySide,
        to destination: CopyPath,
        of other: CopySide,
        keepsOwners: Bool
    ) throws -> Int64 {
        let found = try findSource(on: side)
        let target = try Destination(destination, on: other, takesFolder: found.isFolder)
        var style = TreeCopy.Style()
        style.replaces = true
        style.keepsOwners = keepsOwners
        style.sourceShift = side.shift
        style.targetShift = other.shift
        return try other.namingReadOnly(target.folder) {
            var copy = TreeCopy(into: target.folder, style: style)
            guard source.namesContents else {
                let name = target.name ?? source.name?.bytesWithNUL ?? found.name
                guard let name, let own = found.name else {
                    throw CopyError("\(source.text) has no name")
                }
                try copy.copy(own, of: found.folder, as: name)
                return copy.archivedBytes + Self.endBytes
            }
            let folder = try found.opened()
            if let name = target.name {
                copy = TreeCopy(into: try target.makeFolder(name), style: style)
            } else {
                copy = TreeCopy(into: target.folder, style: style)
            }
            try copy.run(from: folder)
            return copy.archivedBytes + Self.endBytes
        }
    }

    /// Copies what is in a folder of ours into one that is there, as a tar of it would: `implied` are
    /// folders of which the tar says nothing.
    package static func fill(
        _ destination: CopyPath,
        of side: CopySide,
        from folder: FilePath,
        implied: Set<FilePath>
    ) throws {
        let place = try Destination.place(destination, on: side)
        guard place.isFolder else {
            let text = "\(side.container ?? ""):\(destination.text)"
            throw CopyError("destination \"\(text)\" must be a directory")
        }
        var style = TreeCopy.Style()
        style.replaces = true
        style.implied = implied
        style.targetShift = side.shift
        try side.namingReadOnly(place.folder) {
            var copy = TreeCopy(into: try place.opened(), style: style)
            try copy.run(from: SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY)))
        }
    }

    /// The source as an entry of a tar: the folder it is in, its name there, and that in the tar.
    package func entry(
        on side: CopySide
    ) throws -> (folder: SharedFD, name: [CChar], archived: [UInt8]) {
        let found = try findSource(on: side)
        guard !source.namesContents, let own = found.name else {
            return (try found.opened(), [46, 0], [46])
        }
        return (try found.reopenedParent(), own, own.dropLast().map { UInt8(bitPattern: $0) })
    }

    /// What stands at the end of a tar.
    private static let endBytes: Int64 = 1024

    private func findSource(on side: CopySide) throws -> CopySide.Place {
        let follows = followsLink || source.namesFolder
        let place: CopySide.Place
        do throws(SyscallError) {
            place = try side.find(source.path, followingLast: follows)
        } catch {
            guard [ENOENT, ENOTDIR].contains(error.errno) else { throw error }
            throw missing(on: side, error.errno)
        }
        guard place.name == nil || place.status != nil else { throw missing(on: side, ENOENT) }
        guard !source.namesFolder || place.isFolder else {
            throw side.container == nil
                ? CopyError("not a directory")
                : CopyError("lstat \(source.text): not a directory", isOfEngine: true)
        }
        return place
    }

    private func missing(on side: CopySide, _ code: CInt) -> CopyError {
        if let container = side.container { return .missing(source.text, in: container) }
        let reason = code == ENOTDIR ? "not a directory" : "no such file or directory"
        return CopyError("lstat \(source.path): \(reason)")
    }
}

/// Where a copy goes.
private struct Destination {
    var folder: SharedFD
    /// Of the copy; nil for its own, in the folder.
    var name: [CChar]?

    init(_ path: CopyPath, on side: CopySide, takesFolder: Bool) throws {
        let place = try Self.place(path, on: side)
        if place.isFolder {
            folder = try place.opened()
            return
        }
        if place.isDevice {
            // Replaced by a file it would be lost: /dev/null, and the machine with it.
            let subject =
                side.container.map { "destination \"\($0):\(path.text)\"" }
                ?? "invalid output path: \"\(path.path)\""
            throw CopyError("\(subject) must be a directory or a regular file: got a device")
        }
        if place.status != nil, path.namesFolder { throw CopyError("no such directory") }
        if place.status != nil, takesFolder { throw CopyError("cannot copy directory") }
        if !takesFolder, path.namesFolder { throw CopyError("no such directory") }
        folder = try place.reopenedParent()
        name = place.name
    }

    static func place(_ path: CopyPath, on side: CopySide) throws -> CopySide.Place {
        do throws(SyscallError) {
            return try side.find(path.path, followingLast: true)
        } catch {
            guard [ENOENT, ENOTDIR].contains(error.errno) else { throw error }
            let parent = path.path.removingLastComponent()
            guard let container = side.container else {
                throw CopyError("invalid output path: directory \"\(parent)\" does not exist")
            }
            throw CopyError.missing(parent.string, in: container)
        }
    }

    func makeFolder(_ name: [CChar]) throws(SyscallError) -> SharedFD {
        try folder.with { folder throws(SyscallError) in
            _ = try syscall("mkdir", on: "the destination") { mkdirat(folder, name, 0o755) }
            return SharedFD(
                taking: try syscall("open", on: "the destination") {
                    openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            )
        }
    }

}

extension CopySide.Place {
    /// The folder that it is, for reading.
    func opened() throws(SyscallError) -> SharedFD { try open(name ?? [46, 0]) }

    /// The folder that it is in, for reading.
    func reopenedParent() throws(SyscallError) -> SharedFD { try open([46, 0]) }

    private func open(_ name: [CChar]) throws(SyscallError) -> SharedFD {
        try folder.with { folder throws(SyscallError) in
            SharedFD(
                taking: try syscall("open", on: path.string) {
                    openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            )
        }
    }
}

extension CopySide {
    /// Says what is read-only of a container, and what cannot be replaced, in docker's words.
    fileprivate func namingReadOnly<R>(
        _ folder: SharedFD,
        _ body: () throws -> R
    ) throws -> R {
        do {
            return try body()
        } catch let error as SyscallError where error.call == "copy" {
            switch error.errno {
            case EISDIR:
                throw CopyError(
                    "cannot overwrite directory \"\(error.subject)\" with non-directory"
                )
            case ENOTDIR:
                throw CopyError(
                    "cannot overwrite non-directory \"\(error.subject)\" with directory"
                )
            default: throw error
            }
        } catch let error as SyscallError where error.errno == EROFS && container != nil {
            let isOfRoot = try device(of: open("/", O_PATH)) == device(of: folder)
            throw CopyError(
                isOfRoot
                    ? "container rootfs is marked read-only"
                    : "mounted volume is marked read-only",
                isOfEngine: true
            )
        }
    }

    private func device(of fd: SharedFD) throws(SyscallError) -> dev_t {
        try fd.with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat") { fstat(fd, &status) }
            return status.st_dev
        }
    }
}
