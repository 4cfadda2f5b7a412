import CLinux
import Glibc
import Linux
import SystemPackage

/// Copies a tree: by descriptor, following nothing, with owners, modes, times, holes, hard links,
/// device nodes and those extended attributes that mean something to a container.
struct TreeCopy {
    /// What differs between the copies that are made.
    struct Style: Sendable {
        /// Files that are there are replaced and folders filled up, as docker's `cp` does;
        /// otherwise nothing may be there.
        var replaces = false
        /// Otherwise what is made is ours, and has no rights of another user (set-user-ID and
        /// the like).
        var keepsOwners = true
        /// Whose everything is to be, instead of its owner.
        var owner: (user: UInt32, group: UInt32)?
        /// From which container's numbers, and into which one's.
        var sourceShift = IdentifierShift()
        var targetShift = IdentifierShift()
        /// Folders of which nothing is known: one that is there keeps its owner, mode and times.
        var implied: Set<FilePath> = []
        /// When everything is said to have been changed, in seconds since 1970; otherwise as the
        /// source says.
        var modifiedSeconds: Int?
        /// Otherwise what is at the top is all that is copied: the folder that it is put into stays
        /// what it is.
        var describesTop = true
    }

    private let target: SharedFD
    private let style: Style
    /// What a tar of the same would hold: a block for each thing, and whole blocks of content.
    private(set) var archivedBytes: Int64 = 0
    /// The first folder that was made: where the target lies in the source it is not copied into
    /// itself.
    private var made: FileNumber?
    /// Where a file with several names was copied to, from the top.
    private var linked: [FileNumber: [CChar]] = [:]

    private static let deepest = 256

    private struct FileNumber: Hashable {
        var device: dev_t
        var number: ino_t
    }

    init(into target: SharedFD, style: Style = Style()) {
        self.target = target
        self.style = style
    }

    /// Copies one thing of a folder, under a name of its own.
    mutating func copy(
        _ name: [CChar],
        of source: SharedFD,
        as newName: [CChar]
    ) throws(SyscallError) {
        try copyEntry(name, source, target, as: newName, path: newName, depth: 0)
    }

    /// Gives the top folder the owner, mode, times and attributes of another.
    func copyFolderMetadata(from source: SharedFD) throws(SyscallError) {
        try copyMetadata(source, target)
    }

    /// Copies what is in a folder, and what the folder itself is like.
    mutating func run(from source: SharedFD) throws(SyscallError) {
        if style.replaces { made = try number(of: target) }
        archivedBytes += 512
        try copyFolder(source, target, path: [], depth: 0, isNew: false)
    }

    private func number(of fd: SharedFD) throws(SyscallError) -> FileNumber {
        var status = stat()
        try on(fd, "stat", []) { fstat($0, &status) }
        return FileNumber(device: status.st_dev, number: status.st_ino)
    }

    private mutating func copyFolder(
        _ source: SharedFD,
        _ target: SharedFD,
        path: [CChar],
        depth: Int,
        isNew: Bool
    ) throws(SyscallError) {
        guard depth < Self.deepest else {
            throw SyscallError(call: "copy", subject: "too deep a tree", errno: ELOOP)
        }
        for name in try DirectoryListing.names(in: source) {
            let place = path.isEmpty ? name : path.dropLast() + [47] + name
            try copyEntry(name, source, target, as: name, path: place, depth: depth)
        }
        let isImplied = !style.implied.isEmpty && style.implied.contains(Self.relative(path))
        if path.isEmpty, !style.describesTop { return }
        if isNew || !isImplied { try copyMetadata(source, target) }
    }

    private static func relative(_ path: [CChar]) -> FilePath {
        path.isEmpty ? FilePath() : FilePath(platformString: path)
    }

    private mutating func copyEntry(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        as newName: [CChar],
        path: [CChar],
        depth: Int
    ) throws(SyscallError) {
        var status = stat()
        try on(source, "stat", name) { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
        archivedBytes += 512
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            let own = FileNumber(device: status.st_dev, number: status.st_ino)
            guard own != made else { return }
            let isNew = try makeFolder(newName, in: target)
            let from = try open(name, in: source, O_RDONLY | O_DIRECTORY)
            let into = try open(newName, in: target, O_RDONLY | O_DIRECTORY)
            if made == nil { made = try number(of: into) }
            try copyFolder(from, into, path: path, depth: depth + 1, isNew: isNew)
        case S_IFREG:
            archivedBytes += (Int64(status.st_size) + 511) / 512 * 512
            try copyFile(name, source, target, status, as: newName, path: path)
        case S_IFLNK:
            try copyLink(name, source, target, status, as: newName)
        case S_IFIFO, S_IFCHR, S_IFBLK:
            try clear(newName, in: target)
            let (mode, node) = (status.st_mode, status.st_rdev)
            try on(target, "mknod", newName) { mknodat($0, newName, mode, node) }
            try on(target, "chmod", newName) { fchmodat($0, newName, permissions(mode), 0) }
            try setOwner(newName, target, status)
        default:
            break  // A socket without its process is nothing.
        }
    }

    /// False where it is there already and is to be filled up.
    private func makeFolder(
        _ name: [CChar],
        in target: SharedFD
    ) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            try on(target, "mkdir", name) { mkdirat($0, name, 0o700) }
            return true
        } catch  where error.errno == EEXIST && style.replaces {
            var status = stat()
            try on(target, "stat", name) { fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw SyscallError(call: "copy", subject: text(name), errno: ENOTDIR)
            }
            return false
        }
    }

    /// Removes what is to be replaced: never a folder, and nothing that is mounted, which would be
    /// taken off its place by that.
    private func clear(_ name: [CChar], in target: SharedFD) throws(SyscallError) {
        guard style.replaces else { return }
        let place: SharedFD
        do throws(SyscallError) {
            place = try open(name, in: target, O_PATH)
        } catch  where error.errno == ENOENT {
            return
        }
        var found = statx()
        try on(place, "statx", name) { berth_statx($0, &found) }
        if UInt32(found.stx_mode) & S_IFMT == S_IFDIR {
            throw SyscallError(call: "copy", subject: text(name), errno: EISDIR)
        }
        if found.stx_attributes & UInt64(STATX_ATTR_MOUNT_ROOT) != 0 {
            throw SyscallError(call: "copy", subject: text(name), errno: EBUSY)
        }
        try on(target, "unlink", name) { unlinkat($0, name, 0) }
    }

    /// The rights that a copy has.
    private func permissions(_ mode: mode_t) -> mode_t {
        mode & (style.keepsOwners ? 0o7777 : 0o1777)
    }

    private mutating func copyFile(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        _ status: stat,
        as newName: [CChar],
        path: [CChar]
    ) throws(SyscallError) {
        try clear(newName, in: target)
        let number = FileNumber(device: status.st_dev, number: status.st_ino)
        if status.st_nlink > 1 {
            if let first = linked[number] {
                try on(target, "link", newName) { into in
                    self.target.with { linkat($0, first, into, newName, 0) }
                }
                return
            }
            linked[number] = path
        }
        let from = SharedFD(try source.openRegular(name, subject: text(name)))
        let into = try open(newName, in: target, O_WRONLY | O_CREAT | O_EXCL)
        try FileData.copy(from, into, subject: text(name))
        try copyMetadata(from, into)
    }

    private func copyLink(
        _ name: [CChar],
        _ source: SharedFD,
        _ target: SharedFD,
        _ status: stat,
        as newName: [CChar]
    ) throws(SyscallError) {
        try clear(newName, in: target)
        var value = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        try on(source, "readlink", name) { CInt(readlinkat($0, name, &value, Int(PATH_MAX))) }
        try on(target, "symlink", newName) { symlinkat(value, $0, newName) }
        try setOwner(newName, target, status)
    }

    private func setOwner(
        _ name: [CChar],
        _ target: SharedFD,
        _ status: stat
    ) throws(SyscallError) {
        guard style.keepsOwners else { return }
        let owner = try owner(status)
        try on(target, "chown", name) {
            fchownat($0, name, owner.user, owner.group, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// Who has what is made of something.
    private func owner(_ status: stat) throws(SyscallError) -> (user: UInt32, group: UInt32) {
        let meant =
            style.owner
            ?? style.sourceShift.inside(user: status.st_uid, group: status.st_gid)
        return try style.targetShift.outside(user: meant.user, group: meant.group)
    }

    /// Owner before mode and attributes: changing the owner clears set-user-ID and capabilities.
    private func copyMetadata(_ source: SharedFD, _ target: SharedFD) throws(SyscallError) {
        var status = stat()
        try on(source, "stat", []) { fstat($0, &status) }
        if style.keepsOwners {
            let owner = try owner(status)
            try on(target, "chown", []) { fchown($0, owner.user, owner.group) }
        }
        try copyAttributes(source, target)
        try on(target, "chmod", []) { fchmod($0, permissions(status.st_mode)) }
        var times = [status.st_atim, status.st_mtim]
        if let seconds = style.modifiedSeconds {
            times = Array(repeating: timespec(tv_sec: seconds, tv_nsec: 0), count: 2)
        }
        try on(target, "futimens", []) { futimens($0, times) }
    }

    private func copyAttributes(_ source: SharedFD, _ target: SharedFD) throws(SyscallError) {
        for name in attributeNames(source) where Self.isCopied(name) {
            if !style.keepsOwners, name == "security.capability" { continue }
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let count = source.with { fgetxattr($0, name, &value, value.count) }
            guard count >= 0,
                let meant = style.sourceShift.inside(name, Array(value[..<count]))
            else { continue }
            guard let written = style.targetShift.outside(name, meant) else {
                throw SyscallError(call: "setxattr", subject: name, errno: EOVERFLOW)
            }
            let result = target.with { fsetxattr($0, name, written, written.count, 0) }
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
