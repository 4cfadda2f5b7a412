import Glibc
import Linux
import SystemPackage

/// One open directory of a layer, and what is made in it. Names are single components that end with
/// a NUL, so no call can leave the directory; none follows a link.
struct LayerFolder {
    private let fd: SharedFD
    private let subject: String

    init(_ fd: SharedFD, name: String) {
        self.fd = fd
        subject = name
    }

    enum Kind: Equatable { case folder, whiteout, other }

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

    /// Makes a directory; its metadata may follow.
    func makeFolder(_ name: [CChar], mode: mode_t = 0o700) throws(SyscallError) {
        _ = try call("mkdir") { mkdirat($0, name, mode) }
        // The umask has cut the mode.
        if mode != 0o700 { _ = try call("chmod") { fchmodat($0, name, mode, 0) } }
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

    /// Makes a file; `content` is called with a function that puts bytes at an offset.
    func makeFile(
        _ name: [CChar],
        _ entry: TarEntry,
        content: ((UnsafeRawBufferPointer, Int64) throws -> Void) throws -> Void
    ) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = SharedFD(taking: try call("open") { openat($0, name, flags, 0o600) })
        var end: Int64 = 0
        try content { bytes, offset in
            try Self.write(file, bytes, at: offset)
            end = max(end, offset + Int64(bytes.count))
        }
        if end < entry.size {
            // The tail of a sparse file.
            try file.with { file throws(SyscallError) in
                _ = try syscall("ftruncate") { ftruncate(file, off_t(entry.size)) }
            }
        }
        try Self.setMetadata(file, entry)
    }

    private static func write(
        _ file: SharedFD,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SyscallError) {
        try file.with { file throws(SyscallError) in
            var written = 0
            while written < bytes.count {
                written += try syscall("write") {
                    pwrite(
                        file,
                        bytes.baseAddress?.advanced(by: written),
                        bytes.count - written,
                        off_t(offset) + off_t(written)
                    )
                }
            }
        }
    }

    /// Removes a file, or a directory with everything in it.
    func remove(_ name: [CChar]) throws(SyscallError) {
        do throws(SyscallError) {
            _ = try call("unlink") { unlinkat($0, name, 0) }
        } catch  where error.errno == EISDIR || error.errno == EPERM {
            try removeEntry(FilePath(platformString: name), in: fd.duplicate(), subject: subject)
        }
    }

    // MARK: Metadata

    /// Hides what the layers below have in this directory.
    func setOpaque() throws(SyscallError) {
        try fd.setExtendedAttribute("trusted.overlay.opaque", to: Array("y".utf8), subject: subject)
    }

    /// Sets owner, attributes, mode and time of a link or a node in the directory.
    func setMetadata(of name: [CChar], _ entry: TarEntry) throws {
        let (owner, group) = try entry.ids()
        _ = try call("chown") { fchownat($0, name, owner, group, AT_SYMLINK_NOFOLLOW) }
        if !entry.isSymbolicLink {
            _ = try call("chmod") { fchmodat($0, name, entry.mode, 0) }
        }
        let times = Self.times(entry)
        _ = try call("utimensat") { utimensat($0, name, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets the directory's own metadata.
    func setOwnMetadata(_ entry: TarEntry) throws {
        try Self.setMetadata(fd, entry)
    }

    /// Owner first: changing it clears setuid and capabilities.
    private static func setMetadata(_ file: SharedFD, _ entry: TarEntry) throws {
        let (owner, group) = try entry.ids()
        try file.with { file throws(SyscallError) in
            _ = try syscall("chown") { fchown(file, owner, group) }
        }
        for (name, value) in entry.attributes where LayerAttributes.isKept(name) {
            do throws(SyscallError) {
                try file.setExtendedAttribute(name, to: value, subject: "")
            } catch {
                guard error.errno == ENOTSUP else { throw error }
                // A file system without attributes: the image works, its capabilities do not.
            }
        }
        let times = times(entry)
        try file.with { file throws(SyscallError) in
            _ = try syscall("chmod") { fchmod(file, entry.mode) }
            _ = try syscall("utimens") { futimens(file, times) }
        }
    }

    private static func times(_ entry: TarEntry) -> [timespec] {
        let time = timespec(tv_sec: entry.modified.seconds, tv_nsec: entry.modified.nanoseconds)
        return [time, time]
    }

    private func call(_ name: String, _ body: (CInt) -> CInt) throws(SyscallError) -> CInt {
        try fd.with { fd throws(SyscallError) in try syscall(name, on: subject) { body(fd) } }
    }
}

extension TarEntry {
    var isSymbolicLink: Bool {
        if case .symbolicLink = kind { true } else { false }
    }

    /// Owner and group as the kernel's ids; its -1, "leave it", is none.
    func ids() throws(EntryPath.Refusal) -> (owner: uid_t, group: gid_t) {
        guard let owner = uid_t(exactly: owner), let group = gid_t(exactly: group), owner != .max,
            group != .max
        else { throw EntryPath.Refusal(reason: "owner \(owner):\(group) is not a valid id") }
        return (owner, group)
    }
}
