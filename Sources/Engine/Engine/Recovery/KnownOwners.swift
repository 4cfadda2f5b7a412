import ContainerNetwork
import GRDB

/// Which containers and networks have records: what explains the kernel's objects.
struct KnownOwners: Sendable {
    var networks: Set<String>
    /// Those of builds, whose containers have no records.
    var buildNetworks: Set<String>
    var containers: Set<String>
    var running: Set<String>

    enum Explanation: Hashable {
        /// A record of something that is there.
        case owner
        /// A record of a container that does not run: left behind, but whose is known.
        case stopped
        /// No record.
        case nobody
        /// It does not say whose it is, and may be somebody else's.
        case unknown
    }

    func explain(_ object: NetworkObject) -> Explanation {
        guard let owner = object.owner, owner.containerID != nil || owner.networkID != nil else {
            return .unknown
        }
        if let id = owner.networkID, !networks.contains(id) { return .nobody }
        if let id = owner.networkID, buildNetworks.contains(id) { return .owner }
        guard let id = owner.containerID else { return .owner }
        if running.contains(id) { return .owner }
        return containers.contains(id) ? .stopped : .nobody
    }
}

extension Engine {
    func knownOwners() async throws -> KnownOwners {
        try await store.read { db in
            KnownOwners(
                networks: Set(try db.texts("SELECT id FROM networks")),
                buildNetworks: Set(
                    try db.texts("SELECT id FROM networks WHERE key = ?", [Self.buildNetworkKey])
                ),
                containers: Set(try db.texts("SELECT id FROM containers")),
                running: Set(try db.texts("SELECT id FROM containers WHERE status = 'running'"))
            )
        }
    }
}
