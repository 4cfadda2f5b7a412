import ContainerNetwork
import GRDB

/// Which containers and networks have records: what explains the kernel's objects.
struct KnownOwners: Sendable {
    /// Whose records these are (`Layout.tag`).
    var stateFolder: String
    var networks: Set<String>
    /// Those of builds at work, whose containers have no records.
    var buildNetworks: Set<String>
    /// Those of builds that were killed.
    var abandonedNetworks: Set<String>
    var containers: Set<String>
    var running: Set<String>

    enum Explanation: Hashable {
        /// A record of something that is there.
        case owner
        /// A record of a container that does not run: left behind, but whose is known.
        case stopped
        /// A network of a build that was killed: it goes with its record.
        case abandoned
        /// No record.
        case nobody
        /// It is in our firewall table but does not say whose it is.
        case unknown
        /// Another state folder's, or it may be.
        case foreign
    }

    func explain(_ object: NetworkObject) -> Explanation {
        guard let owner = object.owner, owner.containerID != nil || owner.networkID != nil else {
            if case .element = object.kind { return .unknown }
            return .foreign
        }
        if let other = owner.stateFolder, other != stateFolder { return .foreign }
        // Versions before did not say which state folder; without a record it may be another's.
        let nobody = owner.stateFolder == nil ? Explanation.foreign : .nobody
        if let id = owner.networkID, !networks.contains(id) { return nobody }
        if let id = owner.networkID, buildNetworks.contains(id) { return .owner }
        if let id = owner.networkID, abandonedNetworks.contains(id) { return .abandoned }
        guard let id = owner.containerID else { return .owner }
        if running.contains(id) { return .owner }
        return containers.contains(id) ? .stopped : nobody
    }
}

extension Engine {
    func knownOwners() async throws -> KnownOwners {
        let (layout, tag) = (layout, layout.tag)
        return try await store.read { db in
            var (alive, abandoned): (Set<String>, Set<String>) = ([], [])
            for row in try db.rows(
                "SELECT id, name FROM networks WHERE key = ?",
                [Self.buildNetworkKey]
            ) {
                let isHeld = try Self.isBuildAlive(row["name"], layout)
                if isHeld { alive.insert(row["id"]) } else { abandoned.insert(row["id"]) }
            }
            return KnownOwners(
                stateFolder: tag,
                networks: Set(try db.texts("SELECT id FROM networks")),
                buildNetworks: alive,
                abandonedNetworks: abandoned,
                containers: Set(try db.texts("SELECT id FROM containers")),
                running: Set(try db.texts("SELECT id FROM containers WHERE status = 'running'"))
            )
        }
    }
}
