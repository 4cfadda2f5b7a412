import CLinux
import Glibc
import Linux
import SystemPackage

/// Everything to mount in a container, in order.
struct MountPlan {
    /// One mount as the keeper understands it.
    struct Entry {
        var kind: KeeperMountKind
        var flags: Int = 0
        var source: String
        var target: String
        var options: [(String, String?)] = []
        var links: [(String, String?)] = []
        var attributes: UInt64 = 0
        var propagation = UInt64(MS_PRIVATE)
        /// The mount itself, where the kind is `given`.
        var given: SharedFD?
    }

    var entries: [Entry] = []
    /// Paths that must become read-only after all is mounted, besides the spec's.
    private(set) var readOnlyPaths: [String] = []

    /// Folders of the image at targets of memory file systems, which begin like them.
    private let imageFolders: [String: ImageFolder]
    /// User namespaces at targets of binds, by which those show their files.
    private let identifiers: [String: SharedFD]
    /// Users of the container's own, by which volumes and files of ours show theirs.
    private let users: OwnUsers?

    /// MOUNT_ATTR_* of mount_setattr(2).
    enum Attribute {
        static let readOnly: UInt64 = 0x01
        static let noSUID: UInt64 = 0x02
        static let noDevices: UInt64 = 0x04
        static let noExec: UInt64 = 0x08
        static let noAccessTime: UInt64 = 0x10
        static let strictAccessTime: UInt64 = 0x20
        static let noDirectoryAccessTime: UInt64 = 0x80
        static let inert = noSUID | noDevices | noExec
    }

    /// The default mounts, then the spec's by depth of their target, then our files.
    init(
        _ spec: ContainerSpec,
        placement: Placement,
        folder: ContainerFolder,
        cgroups: [(source: FilePath, target: String)],
        sharedMemory: SharedMemory = .own(memory: true),
        imageFolders: [String: ImageFolder] = [:],
        identifiers: [String: SharedFD] = [:],
        users: OwnUsers? = nil
    ) throws {
        self.imageFolders = imageFolders
        self.identifiers = identifiers
        self.users = users
        let mayWrite = spec.security.privilege == .full
        addKernelFileSystems(mayWrite: mayWrite)
        addCgroups(cgroups, mayWrite: mayWrite)
        entries += sharedMemory.entries(sizeBytes: spec.shmSizeBytes)
        let mounts = spec.mounts.enumerated().sorted {
            let (left, right) = (Self.depth($0.element.target), Self.depth($1.element.target))
            return left == right ? $0.offset < $1.offset : left < right
        }
        for (_, mount) in mounts { try add(mount, placement: placement) }
        addFiles(folder, readOnly: spec.readOnlyRoot, taken: Set(spec.mounts.map(\.target)))
        if let users { try showOwners(of: spec, folder, placement, to: users) }
    }

    private mutating func addKernelFileSystems(mayWrite: Bool) {
        entries += [
            Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_OURS | KEEPER_MOUNT_IS_PROC,
                source: "proc",
                target: "/proc",
                attributes: Attribute.inert
            ),
            Entry(
                kind: .devices,
                flags: KEEPER_MOUNT_OURS,
                source: "tmpfs",
                target: "/dev",
                options: [("mode", "755"), ("size", "65536k")],
                links: DefaultDevices.links,
                attributes: Attribute.noSUID | Attribute.strictAccessTime
            ),
            Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_OURS | KEEPER_MOUNT_IS_TERMINALS,
                source: "devpts",
                target: "/dev/pts",
                options: [
                    ("newinstance", nil), ("ptmxmode", "0666"), ("mode", "0620"),
                    // The group of terminals.
                    ("gid", "\((users?.range.firstGroup ?? 0) + 5)"),
                ],
                attributes: Attribute.noSUID | Attribute.noExec
            ),
            Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_OURS,
                source: "sysfs",
                target: "/sys",
                attributes: Attribute.inert | (mayWrite ? 0 : Attribute.readOnly)
            ),
        ]
    }

    /// v2: the container's own group. v1 and hybrid: a folder with one bind per hierarchy.
    private mutating func addCgroups(
        _ binds: [(source: FilePath, target: String)],
        mayWrite: Bool
    ) {
        let place = "/sys/fs/cgroup"
        if binds.contains(where: { $0.target != place }) {
            entries.append(
                Entry(
                    kind: .fileSystem,
                    flags: KEEPER_MOUNT_OURS,
                    source: "tmpfs",
                    target: place,
                    options: [("mode", "755")],
                    attributes: Attribute.inert
                )
            )
            if !mayWrite { readOnlyPaths.append(place) }
        }
        for (source, target) in binds {
            entries.append(
                Entry(
                    kind: .bind,
                    flags: KEEPER_MOUNT_OURS | KEEPER_MOUNT_CREATE,
                    source: source.string,
                    target: target,
                    attributes: Attribute.inert | (mayWrite ? 0 : Attribute.readOnly)
                )
            )
        }
    }

    private mutating func add(_ mount: MountSpec, placement: Placement) throws {
        try Self.check(mount.target, container: placement.name)
        var entry: Entry
        switch mount.source {
        case .bind(let path, _):
            entry = Entry(
                kind: .bind,
                flags: KEEPER_MOUNT_CREATE,
                source: path,
                target: mount.target
            )
            if let recursion = mount.recursion {
                try Self.open(&entry, recursion, mount, placement)
            }
            for word in mount.bindOptions ?? [] { entry.apply(bindOption: word) }
            if let namespace = identifiers[mount.target] {
                try Self.map(&entry, by: namespace, placement)
            }
        case .volume(let name, _):
            guard let folder = placement.volumes[name] else {
                throw RuntimeError(
                    container: placement.name,
                    message: "there is no volume \(name)"
                )
            }
            entry = Entry(
                kind: .bind,
                flags: KEEPER_MOUNT_CREATE,
                source: folder.string,
                target: mount.target,
                attributes: Attribute.noDevices
            )
            if let subpath = mount.subpath {
                entry.kind = .given
                entry.given = try Self.open(subpath, of: name, at: folder, placement)
            }
        case .anonymousVolume:
            throw RuntimeError(
                container: placement.name,
                message: "the volume at \(mount.target) has no record yet"
            )
        case .given(let file):
            entry = Entry(
                kind: .bind,
                flags: KEEPER_MOUNT_CREATE,
                source: try Self.source(of: file, at: mount.target, placement),
                target: mount.target
            )
        case .image(let digest, let name):
            entry = Entry(
                kind: .given,
                flags: KEEPER_MOUNT_CREATE,
                source: name,
                target: mount.target,
                attributes: Attribute.readOnly,
                given: try Self.open(digest, name, mount.subpath, placement)
            )
        case .tmpfs(let size, let mode):
            entry = Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_CREATE,
                source: "tmpfs",
                target: mount.target,
                options: Self.options(mode: mode, like: imageFolders[mount.target]),
                attributes: Attribute.inert
            )
            if let size { entry.options.append(("size", "\(size)")) }
            for word in mount.tmpfsOptions ?? [] { entry.apply(tmpfsOption: word) }
        }
        if mount.readOnly, mount.recursion != .writable { entry.attributes |= Attribute.readOnly }
        entry.propagation =
            switch mount.propagation {
            case .private: UInt64(MS_PRIVATE)
            case .slave: UInt64(MS_SLAVE)
            case .shared: UInt64(MS_SHARED)
            }
        entries.append(entry)
    }

    private static func source(
        of file: GivenFile,
        at target: String,
        _ placement: Placement
    ) throws(RuntimeError) -> String {
        if case .host(let path) = file.origin { return path }
        if let path = placement.writtenFiles[target] { return path.string }
        throw RuntimeError(
            container: placement.name,
            message: "the content of \(file.kind.rawValue) \(file.name) was not written"
        )
    }

    /// Mode of a memory file system: what is asked for, else what the image's folder has.
    private static func options(mode: UInt32?, like folder: ImageFolder?) -> [(String, String?)] {
        [("mode", String(mode ?? folder?.mode ?? 0o1777, radix: 8))]
    }

    private mutating func addFiles(
        _ folder: ContainerFolder,
        readOnly: Bool,
        taken: Set<String>
    ) {
        let files = [
            (folder.hosts, "/etc/hosts"), (folder.hostname, "/etc/hostname"),
            (folder.resolvConf, "/etc/resolv.conf"),
        ]
        for (source, target) in files where !taken.contains(target) {
            entries.append(
                Entry(
                    kind: .bind,
                    flags: KEEPER_MOUNT_CREATE,
                    source: source.string,
                    target: target,
                    attributes: readOnly ? Attribute.readOnly : 0
                )
            )
        }
    }

    /// Where nothing may be mounted whatever the file says. A link in the image that leads there
    /// is found by the keeper.
    private static func check(_ target: String, container: String) throws {
        let components = FilePath(target).components.map(\.string)
        guard target.hasPrefix("/"), !components.isEmpty, !components.contains("..") else {
            throw RuntimeError(
                container: container,
                message: "cannot mount at \(target)",
                hint: "a mount's target is an absolute path below /, without .."
            )
        }
        if components[0] == "proc" {
            throw RuntimeError(
                container: container,
                message: "cannot mount at \(target): it lies in /proc"
            )
        }
    }

    private static func depth(_ path: String) -> Int { FilePath(path).components.count }
}
