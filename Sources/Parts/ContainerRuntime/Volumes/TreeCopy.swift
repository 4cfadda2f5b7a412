import CLinux
import Glibc
import Linux

/// Copies a tree from an image: by descriptor, following nothing, with owners, modes, times,
/// hard links, device nodes and those extended attributes that mean something to a container.
struct TreeCopy {
    private let target: SharedFD
    /// Where a file with several names was copied to, from the top.
    private var linked: [FileNumber: [CChar]] = [:]

    private static let deepest = 256

    private struct FileNumber: Hashable {
        var device: dev_t
        var number: ino_t
    }

    init(into target: SharedFD) { self.target = target }

    /// Gives the top folder the owner, mode, times and attributes of another.
    func copyFolderMetadata(from source: SharedFD) throws(SyscallError) {
        try copyMetadata(source, target)
    }

    mutating func run(from source: SharedFD) throws(SyscallError) {
        try copyFolder(source, target, path: [], depth: 0)
    }

    private mutating func copyFolder(
        _ source: SharedFD,
        _ target: SharedFD,
        path: [CChar],
        depth: Int
    ) throws(SyscallError) {
        guard depth < Self.deepest else {
            throw SyscallError(call: "copy", subject: "too deep a tree", errno: ELOOP)
        }
        for name in try DirectoryListing.names(in: source) {
            let place = path.isEmpty ? name : path.dropLast() + [47] + name
            try copyEntry(name, source, target, path: place, depth: depth)
        }
        try copyMetadata(source, target)
    }

    private mutating func copyEntry(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        path: [CChar],
        depth: Int
    ) throws(SyscallError) {
        var status = stat()
        try on(source, "stat", name) { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try on(target, "mkdir", name) { mkdirat($0, name, 0o700) }
            let flags = O_RDONLY | O_DIRECTORY
            try copyFolder(
                try open(name, in: source, flags),
                try open(name, in: target, flags),
                path: path,
                depth: depth + 1
            )
        case S_IFREG:
            try copyFile(name, source, target, status, path: path)
        case S_IFLNK:
            try copyLink(name, source, target, status)
        case S_IFIFO, S_IFCHR, S_IFBLK:
            try on(target, "mknod", name) { mknodat($0, name, status.st_mode, status.st_rdev) }
            try on(target, "chmod", name) { fchmodat($0, name, status.st_mode & 0o7777, 0) }
            try setOwner(name, target, status)
        default:
            break  // A socket without its process is nothing.
        }
    }

    private mutating func copyFile(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        _ status: stat,
        path: [CChar]
    ) throws(SyscallError) {
        let number = FileNumber(device: status.st_dev, number: status.st_ino)
        if status.st_nlink > 1 {
            if let first = linked[number] {
                try on(target, "link", name) { into in
                    self.target.with { linkat($0, first, into, name, 0) }
                }
                return
            }
            linked[number] = path
        }
        let from = SharedFD(try source.openRegular(name, subject: text(name)))
        let into = try open(name, in: target, O_WRONLY | O_CREAT | O_EXCL)
        while true {
            let count = try from.with { from throws(SyscallError) in
                try into.with { into throws(SyscallError) in
                    try syscall("sendfile", on: text(name)) { sendfile(into, from, nil, 1 << 24) }
                }
            }
            if count == 0 { break }
        }
        try copyMetadata(from, into)
    }

    private func copyLink(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        _ status: stat
    ) throws(SyscallError) {
        var value = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        try on(source, "readlink", name) { CInt(readlinkat($0, name, &value, Int(PATH_MAX))) }
        try on(target, "symlink", name) { symlinkat(value, $0, name) }
        try setOwner(name, target, status)
    }

    private func setOwner(
        _ name: [CChar],
        _ target: SharedFD,
        _ status: stat
    ) throws(SyscallError) {
        try on(target, "chown", name) {
            fchownat($0, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// Owner before mode and attributes: changing the owner clears set-user-ID and capabilities.
    private func copyMetadata(_ source: SharedFD, _ target: SharedFD) throws(SyscallError) {
        var status = stat()
        try on(source, "stat", []) { fstat($0, &status) }
        try on(target, "chown", []) { fchown($0, status.st_uid, status.st_gid) }
        try copyAttributes(source, target)
        try on(target, "chmod", []) { fchmod($0, status.st_mode & 0o7777) }
        let times = [status.st_atim, status.st_mtim]
        try on(target, "futimens", []) { futimens($0, times) }
    }

    private func copyAttributes(_ source: SharedFD, _ target: SharedFD) throws(SyscallError) {
        for name in attributeNames(source) where Self.isCopied(name) {
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let count = source.with { fgetxattr($0, name, &value, value.count) }
            guard count >= 0 else { continue }
            let result = target.with { fsetxattr($0, name, value, count, 0) }
            // A file system without such attributes holds the data all the same.
            if result < 0 && errno != ENOTSUP {
                throw SyscallError(call: "setxattr", subject: name, errno: errno)
            }
        }
    }

    private func attributeNames(_ source: SharedFD) -> [String] {
        var list = [CChar](repeating: 0, count: 64 << 10)
        let count = source.with { flistxattr($0, &list, list.count) }
        guard count > 0 else { return [] }
        return list[..<count].split(separator: 0).map { name in
            String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func isCopied(_ name: String) -> Bool {
        name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
            || name == "security.capability" || name.hasPrefix("system.posix_acl_")
    }

    private func open(
        _ name: [CChar],
        in folder: SharedFD,
        _ flags: CInt
    ) throws(SyscallError) -> SharedFD {
        try folder.with { folder throws(SyscallError) in
            SharedFD(
                taking: try syscall("open", on: text(name)) {
                    berth_openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
                }
            )
        }
    }

    private func on(
        _ folder: SharedFD,
        _ call: String,
        _ name: [CChar],
        _ body: (CInt) -> CInt
    ) throws(SyscallError) {
        try folder.with { fd throws(SyscallError) in
            _ = try syscall(call, on: text(name)) { body(fd) }
        }
    }

    private func text(_ name: [CChar]) -> String {
        String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
