import Glibc
import Linux
import SystemPackage

/// The paths that one step changes: an upper folder of overlayfs, filled from outside of it.
///
/// A folder that the layers below have too is made with their mode, owner, times and attributes,
/// as overlayfs itself would copy it up. Nothing is ever reached through a link.
struct UpperTree {
    let below: LayeredTree
    private let place: FilePath
    private let upper: SharedFD
    /// Whatever is in the way goes: a link or a file for a folder, a folder for a file. Archives
    /// are unpacked so.
    var replaces = false
    /// What folders look like that a copy has to make on the way to its destination.
    var newFolderMode: UInt32 = 0o755
    var newFolderOwner = FileOwner.root
    /// Times of folders, set when everything is in them.
    private var folderTimes: [(path: FilePath, modified: FileFacts.Time)] = []

    /// Fills the folder `path`, which is empty, on top of `below`.
    init(at path: FilePath, below: LayeredTree) throws(SyscallError) {
        self.below = below
        place = path
        upper = SharedFD(try openFile(path, O_RDONLY | O_DIRECTORY))
    }

    /// A folder in the upper tree and what the layers below have at the same path.
    struct Folder {
        /// Relative to the upper tree's root.
        var path: FilePath
        var fd: SharedFD
        var below: ViewFolder?
        /// It was made by the call that gave it, in no layer: a name in it that nobody has put there is free.
        var isFresh = false
    }

    var root: Folder { Folder(path: FilePath(), fd: upper, below: below.root) }

    /// What a name is in the upper tree, else below.
    func kind(of name: FilePath.Component, in folder: Folder) throws -> FileFacts.Kind? {
        if let facts = try facts(name, folder) { return facts.kind }
        return try folder.below?.entry(name)?.kind
    }

    private func facts(_ name: FilePath.Component, _ folder: Folder) throws -> FileFacts? {
        let part = ViewFolder.Part(layer: 0, fd: folder.fd)
        return try ViewFolder(parts: [part], isOverlay: false).entry(name)?.facts
    }

    /// Opens a folder, and makes it in the upper tree when it is not there yet. When it is in no
    /// layer it becomes what `new` says; its times are left alone then.
    mutating func enter(
        _ name: FilePath.Component,
        in folder: Folder,
        new: CopyItem? = nil
    ) throws -> (folder: Folder, isNew: Bool) {
        let path = folder.path.appending(name)
        var inner: ViewFolder?
        if let entry = try folder.below?.entry(name), entry.kind == .folder {
            inner = try folder.below?.open(name)
        }
        switch try facts(name, folder)?.kind {
        case .folder: return (try open(name, folder, path, inner), false)
        case nil: break
        default:
            guard replaces else { throw ViewError("/\(path): not a directory") }
            try clear(name, in: folder)
        }
        if !replaces, let entry = try folder.below?.entry(name), entry.kind != .folder {
            throw ViewError("/\(path): not a directory")
        }
        _ = try folder.fd.with { fd in
            try syscall("mkdir", on: path.string) {
                name.withPlatformString { mkdirat(fd, $0, 0o700) }
            }
        }
        var made = try open(name, folder, path, inner)
        made.isFresh = inner == nil
        if let inner, let part = inner.parts.first {
            let facts = try FileFacts(of: part.fd, subject: path.string)
            try apply(
                facts.mode,
                FileOwner(user: facts.owner, group: facts.group),
                try CopyScan.attributes(of: inner),
                to: made.fd,
                path
            )
            folderTimes.append((path, facts.modified))
        } else if new == nil {
            try apply(newFolderMode, newFolderOwner, [:], to: made.fd, path)
        }
        return (made, inner == nil)
    }

    private func open(
        _ name: FilePath.Component,
        _ folder: Folder,
        _ path: FilePath,
        _ inner: ViewFolder?
    ) throws -> Folder {
        let fd = try folder.fd.with { fd in
            try syscall("open", on: path.string) {
                name.withPlatformString {
                    openat(fd, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            }
        }
        return Folder(path: path, fd: SharedFD(taking: fd), below: inner)
    }

    /// Gives an open folder the metadata of a copied one.
    mutating func describe(_ folder: Folder, as item: CopyItem, _ style: CopyStyle) throws {
        try apply(
            style.mode(item.facts),
            style.owner(item.facts),
            item.attributes,
            to: folder.fd,
            folder.path
        )
        folderTimes.append((folder.path, item.facts.modified))
    }

    /// Takes a name away from the upper tree, so that something can be put there.
    mutating func clear(_ name: FilePath.Component, in folder: Folder) throws {
        switch try kind(of: name, in: folder) {
        case .folder where replaces:
            // Every name on the way is a folder that was made here: none is a link.
            let path = folder.path.appending(name)
            try removeTree(place.pushing(path))
            folderTimes.removeAll { $0.path.starts(with: path) }
            return
        case .folder:
            throw ViewError(
                "/\(folder.path.appending(name)): cannot overwrite a directory with a file"
            )
        case nil: return
        default: break
        }
        guard try facts(name, folder) != nil else { return }
        _ = try folder.fd.with { fd in
            try syscall("unlink", on: name.string) {
                name.withPlatformString { unlinkat(fd, $0, 0) }
            }
        }
    }

    /// Makes a file and gives it to `fill`, then sets what stat(2) shows.
    func writeFile(
        _ name: FilePath.Component,
        in folder: Folder,
        mode: UInt32,
        owner: FileOwner,
        attributes: [String: [UInt8]],
        modified: FileFacts.Time?,
        fill: (borrowing OwnedFD) throws -> Void
    ) throws {
        let path = folder.path.appending(name)
        let number = try folder.fd.with { fd in
            try syscall("create", on: path.string) {
                name.withPlatformString {
                    openat(
                        fd,
                        $0,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        mode_t(0o600)
                    )
                }
            }
        }
        let file = SharedFD(taking: number)
        try fill(file.duplicate())
        try apply(mode, owner, attributes, to: file, path)
        guard let modified else { return }
        try setTime(modified, of: FilePath(root: nil, [name]), in: folder.fd)
    }

    /// Makes a link, a fifo or a device node.
    func writeSpecial(
        _ item: CopyItem,
        as name: FilePath.Component,
        in folder: Folder,
        _ style: CopyStyle
    ) throws(SyscallError) {
        let path = folder.path.appending(name).string
        let owner = style.owner(item.facts)
        try folder.fd.with { fd throws(SyscallError) in
            _ = try syscall("create", on: path) { Self.make(item, name, in: fd) }
            _ = try syscall("chown", on: path) {
                name.withPlatformString {
                    fchownat(fd, $0, owner.user, owner.group, AT_SYMLINK_NOFOLLOW)
                }
            }
            if item.facts.kind != .link {
                // The name is what mknod made just now, in a folder that is ours alone.
                _ = try syscall("chmod", on: path) {
                    name.withPlatformString { fchmodat(fd, $0, style.mode(item.facts), 0) }
                }
            }
        }
        try setTime(item.facts.modified, of: FilePath(root: nil, [name]), in: folder.fd)
    }

    private static func make(
        _ item: CopyItem,
        _ name: FilePath.Component,
        in folder: CInt
    ) -> CInt {
        let node = dev_t(item.facts.node)
        switch item.facts.kind {
        case .link:
            let target = FilePath(bytes: item.linkTarget)
            return target.withPlatformString { target in
                name.withPlatformString { symlinkat(target, folder, $0) }
            }
        case .fifo: return name.withPlatformString { mknodat(folder, $0, S_IFIFO | 0o600, 0) }
        case .blockDevice:
            return name.withPlatformString { mknodat(folder, $0, S_IFBLK | 0o600, node) }
        default: return name.withPlatformString { mknodat(folder, $0, S_IFCHR | 0o600, node) }
        }
    }

    /// Sets the times of a file beneath an open folder.
    private func setTime(
        _ time: FileFacts.Time,
        of path: FilePath,
        in folder: SharedFD
    ) throws(SyscallError) {
        let times = time.both
        try folder.with { fd throws(SyscallError) in
            _ = try syscall("utimens", on: path.string) {
                path.withPlatformString { utimensat(fd, $0, times, AT_SYMLINK_NOFOLLOW) }
            }
        }
    }

    /// Gives a file of the upper tree a further name.
    func link(_ path: FilePath, as name: FilePath.Component, in folder: Folder) throws {
        _ = try upper.with { upper in
            try folder.fd.with { fd in
                try syscall("link", on: folder.path.appending(name).string) {
                    path.withPlatformString { path in
                        name.withPlatformString { linkat(upper, path, fd, $0, 0) }
                    }
                }
            }
        }
    }

    /// Sets the folders' times; called once, at the end.
    func finish() throws(SyscallError) {
        for (path, modified) in folderTimes.reversed() {
            try setTime(modified, of: path, in: upper)
        }
    }

    /// Owner before mode: a change of owner takes set-user-id away.
    private func apply(
        _ mode: UInt32,
        _ owner: FileOwner,
        _ attributes: [String: [UInt8]],
        to fd: SharedFD,
        _ path: FilePath
    ) throws {
        try fd.with { fd in
            _ = try syscall("chown", on: path.string) { fchown(fd, owner.user, owner.group) }
            _ = try syscall("chmod", on: path.string) { fchmod(fd, mode) }
        }
        for (name, value) in attributes { try setAttribute(name, value, of: fd, path) }
    }

    private func setAttribute(
        _ name: String,
        _ value: [UInt8],
        of file: SharedFD,
        _ path: FilePath
    ) throws(SyscallError) {
        do throws(SyscallError) {
            try file.setExtendedAttribute(name, to: value, subject: path.string)
        } catch {
            // The store's file system has none of this kind; the content matters more.
            if error.errno != EOPNOTSUPP { throw error }
        }
    }
}

extension FileFacts.Time {
    /// Access and modification.
    fileprivate var both: [timespec] {
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
        return [time, time]
    }
}
