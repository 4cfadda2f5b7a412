import Glibc
import Linux
import SystemPackage

/// One open directory of a layer, and what is made in it. Names are single components that end with
/// a NUL, so no call can leave the directory; none follows a link.
final class LayerFolder {
    let fd: SharedFD
    private let subject: String
    /// The times it is to have again when everything was made in it; nil where that does not matter.
    var times: timespec?

    init(_ fd: SharedFD, name: String) {
        self.fd = fd
        subject = name
    }

    enum Kind: Equatable { case folder, whiteout, other }

    func status() throws(SyscallError) -> stat {
        var status = stat()
        _ = try call("stat") { fstat($0, &status) }
        return status
    }

    /// What stands under a name; nil when nothing does.
    func kind(of name: [CChar]) throws(SyscallError) -> Kind? {
        var status = stat()
        do throws(SyscallError) {
            _ = try call("stat") { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
        } catch  where error.errno == ENOENT {
            return nil
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFCHR where status.st_rdev == 0: return .whiteout
        default: return .other
        }
    }

    /// Makes a directory, with the mode cut by the umask.
    func makeFolder(_ name: [CChar], mode: mode_t) throws(SyscallError) {
        _ = try call("mkdir") { mkdirat($0, name, mode) }
    }

    func makeWhiteout(_ name: [CChar]) throws(SyscallError) { try makeNode(name, S_IFCHR, 0) }

    func makeNode(_ name: [CChar], _ type: mode_t, _ device: dev_t) throws(SyscallError) {
        _ = try call("mknod") { mknodat($0, name, type | 0o600, device) }
    }

    func makeSymbolicLink(_ name: [CChar], to target: [UInt8]) throws(SyscallError) {
        let target = target.map { CChar(bitPattern: $0) } + [0]
        _ = try call("symlink") { symlinkat(target, $0, name) }
    }

    func makeHardLink(
        _ name: [CChar],
        to target: [CChar],
        in other: LayerFolder
    ) throws(SyscallError) {
        try other.fd.with { other throws(SyscallError) in
            _ = try call("link") { linkat(other, target, $0, name, 0) }
        }
    }

    /// Makes an empty file that was not there and opens it for writing.
    func makeFile(_ name: [CChar], mode: mode_t) throws(SyscallError) -> SharedFD {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        return SharedFD(taking: try call("open") { openat($0, name, flags, mode) })
    }

    /// Removes a file, or a directory with everything in it.
    func remove(_ name: [CChar]) throws(SyscallError) {
        do throws(SyscallError) {
            _ = try call("unlink") { unlinkat($0, name, 0) }
        } catch  where error.errno == EISDIR || error.errno == EPERM {
            try removeEntry(FilePath(platformString: name), in: fd.duplicate(), subject: subject)
        }
    }

    func setOwner(of name: [CChar], _ owner: uid_t, _ group: gid_t) throws(SyscallError) {
        _ = try call("chown") { fchownat($0, name, owner, group, AT_SYMLINK_NOFOLLOW) }
    }

    /// Not for symbolic links, which have no mode of their own and would be followed.
    func setMode(of name: [CChar], _ mode: mode_t) throws(SyscallError) {
        _ = try call("chmod") { fchmodat($0, name, mode, 0) }
    }

    func setTimes(of name: [CChar], _ time: timespec) throws(SyscallError) {
        let times = [time, time]
        _ = try call("utimensat") { utimensat($0, name, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Gives the directory the times back that making things in it has changed.
    func restoreTimes() throws(SyscallError) {
        guard let times else { return }
        let both = [times, times]
        _ = try call("utimens") { futimens($0, both) }
    }

    private func call(_ name: String, _ body: (CInt) -> CInt) throws(SyscallError) -> CInt {
        try fd.with { fd throws(SyscallError) in try syscall(name, on: subject) { body(fd) } }
    }
}
