import CLinux
import Glibc
import Linux
import SystemPackage

/// What a container's `/dev/shm` and `/dev/mqueue` are: they go with its IPC namespace.
enum SharedMemory: Sendable {
    /// `memory: false` leaves out `/dev/shm`.
    case own(memory: Bool)
    case host
    /// Copies of another container's mounts, attached nowhere; without what that one lacks.
    case of(memory: SharedFD?, queues: SharedFD?)

    private static let memory = "/dev/shm"
    private static let queues = "/dev/mqueue"

    /// What a spec asks for.
    ///
    /// - Throws: `RuntimeError` where the container it shares with does not run, `SyscallError` where
    ///   that one ends meanwhile.
    init(_ spec: ContainerSpec, at placement: Placement) async throws {
        let shared = spec.namespaces ?? NamespaceSpec()
        switch shared.ipc {
        case .own: self = .own(memory: shared.memory != .none)
        case .host: self = .host
        case .container(let name):
            self = try await Self.copies(of: placement.companion(name).process())
        }
    }

    private static func copies(of process: SharedFD) async throws -> SharedMemory {
        try await onOwnThread { () throws(SyscallError) -> SharedMemory in
            // A thread that shares its root with others cannot change its mounts: setns(2).
            _ = try syscall("unshare", on: "file system") { berth_unshare(CLONE_FS) }
            try process.with { fd throws(SyscallError) in
                _ = try syscall("setns", on: "mount namespace") { berth_setns(fd, CLONE_NEWNS) }
            }
            let root = try Root("/")
            return .of(
                memory: try copy(memory, beneath: root),
                queues: try copy(queues, beneath: root)
            )
        }
    }

    /// Nothing of what that container may have made of the path is followed.
    private static func copy(
        _ path: String,
        beneath root: Root
    ) throws(SyscallError) -> SharedFD? {
        do throws(SyscallError) {
            let place = try root.open(FilePath(path), O_PATH | O_DIRECTORY, links: .refused)
            return SharedFD(try Mount.clone(place, subject: path))
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// What is mounted on the folders of the container's `/dev`.
    func entries(sizeBytes: Int64) -> [MountPlan.Entry] {
        switch self {
        case .own(let memory):
            let queues = MountPlan.Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_OURS | KEEPER_MOUNT_OPTIONAL,
                source: "mqueue",
                target: Self.queues,
                attributes: MountPlan.Attribute.inert
            )
            let room = MountPlan.Entry(
                kind: .fileSystem,
                flags: KEEPER_MOUNT_OURS,
                source: "tmpfs",
                target: Self.memory,
                options: [("mode", "1777"), ("size", "\(sizeBytes)")],
                attributes: MountPlan.Attribute.inert
            )
            return memory ? [queues, room] : [queues]
        case .host:
            let places: [String] = [Self.queues, Self.memory].filter { access($0, F_OK) == 0 }
            return places.map { Self.entry(.bind, at: $0) }
        case .of(let memory, let queues):
            return [(queues, Self.queues), (memory, Self.memory)].compactMap { mount, place in
                mount.map { Self.entry(.given, at: place, $0) }
            }
        }
    }

    private static func entry(
        _ kind: KeeperMountKind,
        at place: String,
        _ given: SharedFD? = nil
    ) -> MountPlan.Entry {
        MountPlan.Entry(
            kind: kind,
            flags: KEEPER_MOUNT_OURS,
            source: place,
            target: place,
            attributes: MountPlan.Attribute.inert,
            given: given
        )
    }
}
