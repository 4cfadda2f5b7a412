import ContainerNetwork

/// The networks and running containers that an expectation names: what is theirs is no left-over.
struct ExpectedOwners {
    private let networks: Set<String>
    private let containers: Set<String>

    init(_ expected: NetworkExpectation) {
        networks = Set(expected.networks.map(\.id))
        containers = Set(
            expected.connections.map(\.endpoint.containerID) + expected.ports.map(\.containerID)
        )
    }

    /// Identifiers are random, so that one of another state folder is never among them.
    func explain(_ object: NetworkObject) -> Bool {
        guard let owner = object.owner, owner.containerID != nil || owner.networkID != nil else {
            return false
        }
        return owner.networkID.map(networks.contains) ?? true
            && owner.containerID.map(containers.contains) ?? true
    }
}
