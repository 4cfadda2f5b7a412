import CLinux
import Glibc
import Linux
import SystemPackage

/// What a folder of an image looks like, for what is mounted over it.
struct ImageFolder: Hashable, Sendable {
    /// Permission bits, set-user-ID and its like among them.
    var mode: UInt32
    var user: UInt32
    var group: UInt32

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
        user = status.st_uid
        group = status.st_gid
    }
}
