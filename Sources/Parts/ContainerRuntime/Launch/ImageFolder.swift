import CLinux
import Glibc
import Linux
import SystemPackage

/// The mode of a folder of an image, which a memory file system over it begins with. Its owner does
/// not count: memory is root's, as with docker, unless `uid` and `gid` say otherwise.
struct ImageFolder: Hashable, Sendable {
    /// Permission bits, set-user-ID and its like among them.
    var mode: UInt32

    /// nil where the image has none at that path.
    init?(_ target: String, of view: Root) throws(SyscallError) {
        let folder: OwnedFD
        do throws(SyscallError) {
            folder = try view.open(FilePath(target), O_PATH | O_DIRECTORY)
        } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.errno) {
            return nil
        }
        var status = stat()
        try folder.with { fd throws(SyscallError) in
            _ = try syscall("stat", on: target) { fstat(fd, &status) }
        }
        mode = status.st_mode & 0o7777
    }
}
