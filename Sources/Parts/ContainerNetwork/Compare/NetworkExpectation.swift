import Addresses

/// What the records say that the kernel's network state has to have: of a whole state folder, or of
/// what one supervisor keeps.
package struct NetworkExpectation: Hashable, Sendable {
    package var networks: [NetworkConfiguration] = []
    /// Of containers that run.
    package var connections: [ExpectedConnection] = []
    package var ports: [PublishedPort] = []
    /// Those, by their ids, on which no container has a place: another command may be making them.
    package var unused: Set<String> = []
    /// Those, by their ids, on which no container runs: every start puts right what it finds of them.
    package var idle: Set<String> = []
    /// Whether the host forwarded nothing before our first network.
    package var before = FormerForwarding()

    package init() {}

    /// Which the host's part of the networks has: IPv4 always, as what it looks at is there with any.
    var families: [IPFamily] {
        networks.contains { $0.ipv6 != nil } ? [.v4, .v6] : [.v4]
    }

    /// Whether nobody misses what a fault is about before a container is started, which puts it right.
    package func isMissedByNobody(_ fault: NetworkFault) -> Bool {
        switch fault.subject {
        case .network(let network): idle.contains(network.id)
        case .host, .admission: networks.allSatisfy { idle.contains($0.id) }
        case .missingLink, .looseLink, .port: false
        }
    }

    /// Whether a fault may be what another command has not made yet. With the first network it makes
    /// what all networks need, too.
    package func mayBeInTheMaking(_ fault: NetworkFault) -> Bool {
        switch fault.subject {
        case .network(let network): unused.contains(network.id)
        case .host, .admission: networks.allSatisfy { unused.contains($0.id) }
        case .missingLink, .looseLink, .port: false
        }
    }
}

/// A running container's connection to a network.
package struct ExpectedConnection: Hashable, Sendable {
    package var endpoint: Endpoint
    package var network: NetworkConfiguration

    package init(_ endpoint: Endpoint, to network: NetworkConfiguration) {
        self.endpoint = endpoint
        self.network = network
    }

    /// The name of the host's end.
    var linkName: String {
        LinkName.veth(container: endpoint.containerID, network: network.id)
    }
}
