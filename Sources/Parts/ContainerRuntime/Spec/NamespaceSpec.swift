/// The namespaces that a container does not have to itself; its network's is `NetworkMode`'s matter,
/// and its mounts are always its own. namespaces(7).
package struct NamespaceSpec: Hashable, Codable, Sendable {
    /// Of its processes; compose-spec `pid`.
    package var pid = NamespaceSource.own
    /// Of shared memory and message queues; compose-spec `ipc`.
    package var ipc = NamespaceSource.own
    /// What an IPC namespace of its own is to others.
    package var memory = MemorySharing.private
    /// Of the host name; compose-spec `uts`.
    package var uts = NamespaceSource.own
    /// compose-spec `cgroup`. Another container's cannot be joined.
    package var cgroup = NamespaceSource.own
    /// nil is the host's; compose-spec `userns_mode`.
    package var users: UserRange?

    /// Everything is the container's own.
    package init() {}

    /// Nothing is shared.
    package var isPlain: Bool { self == NamespaceSpec() }
}

/// Where a namespace comes from.
package enum NamespaceSource: Hashable, Codable, Sendable {
    /// Made for the container.
    case own
    case host
    /// That of another container, by its name, which has to run.
    case container(String)
}

/// Users of a container's own: its root is nobody on the host.
package enum UserRange: String, Hashable, Codable, Sendable {
    /// A range of the host's numbers that no other running container has.
    case auto
}

/// Who may use the memory and queues of a container's own IPC namespace. docker-run(1) `--ipc`.
package enum MemorySharing: String, Hashable, Codable, Sendable {
    case `private`
    /// Other containers may join it.
    case shareable
    /// There is no `/dev/shm`.
    case none
}

extension ContainerSpec {
    /// Names of the containers whose namespaces it shares, sorted: they have to run before it.
    package var sharedContainers: [String] { NamespacePlan(self).joined.map(\.container) }
}
