import Glibc
import Linux
import SystemPackage

/// An open folder of a `LayeredTree`: the folders of that path in all layers that contribute to it.
struct ViewFolder: Sendable {
    /// The folder in one layer.
    struct Part: Sendable {
        var layer: Int
        var fd: SharedFD
    }

    /// Topmost first.
    let parts: [Part]
    let isOverlay: Bool

    /// overlayfs's mark of a folder that hides those of the layers below. The kernel knows
    /// `user.overlay.opaque` only in mounts with the option `userxattr`, and ours have none: an
    /// image may carry it, and it means nothing.
    private static let opaqueMark = "trusted.overlay.opaque"

    /// What a name is; nil when there is none, or a layer took it away.
    func entry(_ name: FilePath.Component) throws(SyscallError) -> ViewEntry? {
        for (index, part) in parts.enumerated() {
            guard let facts = try Self.facts(name, in: part) else { continue }
            // A character device 0:0 says that the layers below have no such name any more.
            if isOverlay, facts.kind == .whiteout { return nil }
            return ViewEntry(name: name, part: index, facts: facts)
        }
        return nil
    }

    /// All names, sorted by their bytes.
    func names() throws(SyscallError) -> [FilePath.Component] {
        guard parts.count > 1 || isOverlay else {
            guard let only = parts.first else { return [] }
            return try Self.names(of: only)
        }
        var names: Set<FilePath.Component> = []
        for part in parts { names.formUnion(try Self.names(of: part)) }
        var visible: [FilePath.Component] = []
        for name in names where try entry(name) != nil { visible.append(name) }
        return visible.sorted { Self.bytes($0).lexicographicallyPrecedes(Self.bytes($1)) }
    }

    /// Opens a folder in it, never through a link.
    func open(_ name: FilePath.Component) throws(SyscallError) -> ViewFolder {
        var opened: [Part] = []
        for part in parts {
            do throws(SyscallError) {
                let fd = try Self.open(
                    name,
                    in: part,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK
                )
                opened.append(Part(layer: part.layer, fd: fd))
                if isOverlay, try Self.isOpaque(fd) { break }
            } catch  where error.errno == ENOENT {
                continue
            } catch  where error.errno == ENOTDIR || error.errno == ELOOP {
                // Something else hides what lies below, and on top it is an error.
                if opened.isEmpty { throw error }
                break
            }
        }
        return ViewFolder(parts: opened, isOverlay: isOverlay)
    }

    /// Opens a regular file for reading; anything else by now is refused.
    func openFile(_ entry: ViewEntry) throws(SyscallError) -> SharedFD {
        let name = entry.name.withPlatformString {
            Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
        return SharedFD(try parts[entry.part].fd.openRegular(name, subject: entry.name.string))
    }

    /// Where a symbolic link points.
    func linkTarget(_ entry: ViewEntry) throws(SyscallError) -> [UInt8] {
        try parts[entry.part].fd.with { fd throws(SyscallError) in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = try syscall("readlink", on: entry.name.string) {
                entry.name.withPlatformString { readlinkat(fd, $0, &buffer, buffer.count) }
            }
            return buffer[..<count].map { UInt8(bitPattern: $0) }
        }
    }

    private static func names(of part: Part) throws(SyscallError) -> [FilePath.Component] {
        try part.fd.duplicate().entryNames()
    }

    static func bytes(_ name: FilePath.Component) -> [UInt8] {
        name.withPlatformString { text in
            (0..<strlen(text)).map { UInt8(bitPattern: text[$0]) }
        }
    }

    private static func open(
        _ name: FilePath.Component,
        in part: Part,
        _ flags: CInt
    ) throws(SyscallError) -> SharedFD {
        try part.fd.with { fd throws(SyscallError) in
            SharedFD(
                taking: try syscall("open", on: name.string) {
                    name.withPlatformString { openat(fd, $0, flags | O_CLOEXEC) }
                }
            )
        }
    }

    private static func facts(
        _ name: FilePath.Component,
        in part: Part
    ) throws(SyscallError) -> FileFacts? {
        do throws(SyscallError) {
            return try part.fd.with { fd throws(SyscallError) in
                var status = stat()
                _ = try syscall("stat", on: name.string) {
                    name.withPlatformString { fstatat(fd, $0, &status, AT_SYMLINK_NOFOLLOW) }
                }
                return FileFacts(status)
            }
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    private static func isOpaque(_ fd: SharedFD) throws(SyscallError) -> Bool {
        let names = try fd.extendedAttributeNames(subject: "folder of a layer")
        guard names.contains(opaqueMark) else { return false }
        return try fd.extendedAttribute(opaqueMark, subject: "folder of a layer")
            == [UInt8(ascii: "y")]
    }
}

/// A name in a `ViewFolder`.
struct ViewEntry: Sendable {
    var name: FilePath.Component
    /// Index of the folder's part that has it.
    var part: Int
    var facts: FileFacts

    var kind: FileFacts.Kind { facts.kind }
}

/// What stat(2) says of a file, as far as copying needs it.
struct FileFacts: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        case file = 1
        case folder, link, fifo, socket, characterDevice, blockDevice
        /// overlayfs's character device 0:0.
        case whiteout
    }

    var kind: Kind
    /// Permission bits with set-user-id, set-group-id and sticky.
    var mode: UInt32
    var owner: UInt32
    var group: UInt32
    var size: Int64
    var device: UInt64
    var inode: UInt64
    var linkCount: UInt64
    /// The device that a device node stands for.
    var node: UInt64
    var modified: Time
    var changed: Time

    /// Since 1970.
    struct Time: Hashable, Sendable {
        var seconds: Int64
        var nanoseconds: Int64
    }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            case S_IFBLK: .blockDevice
            default: status.st_rdev == 0 ? .whiteout : .characterDevice
            }
        mode = status.st_mode & 0o7777
        owner = status.st_uid
        group = status.st_gid
        size = Int64(status.st_size)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        linkCount = UInt64(status.st_nlink)
        node = UInt64(status.st_rdev)
        modified = Time(
            seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec)
        )
        changed = Time(
            seconds: Int64(status.st_ctim.tv_sec),
            nanoseconds: Int64(status.st_ctim.tv_nsec)
        )
    }

    /// Asks about an open file.
    init(of file: SharedFD, subject: String) throws(SyscallError) {
        self = try file.with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: subject) { fstat(fd, &status) }
            return FileFacts(status)
        }
    }

    /// The same file with the same content as far as the kernel's word goes.
    func isUnchanged(since earlier: FileFacts) -> Bool {
        device == earlier.device && inode == earlier.inode && changed == earlier.changed
            && size == earlier.size
    }
}

extension SharedFD {
    /// As `OwnedFD.readToEnd`.
    func readToEnd(limit: Int) throws(SyscallError) -> [UInt8] {
        try duplicate().readToEnd(limit: limit)
    }
}
