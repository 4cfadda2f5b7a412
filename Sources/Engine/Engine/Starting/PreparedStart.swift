package import ContainerRuntime

/// Everything one start of a container needs, decided and held: what the runtime is given, and what
/// the network is given once the container has its namespaces.
package struct PreparedStart: Sendable {
    /// The record as it was read.
    package var container: ContainerRecord
    /// What runs: the record's spec, with anonymous volumes by their names.
    package var spec: ContainerSpec
    /// Where it runs; the caller decides `onSupervisorExit`.
    package var placement: Placement
    /// In the order of its interfaces; empty without networks of ours.
    package var connections: [Connection]
    /// The host's side of its ports: whoever keeps the container keeps them.
    package var ports: HeldPorts
    /// What is not as asked, in words for the user.
    package var warnings: [String]

    /// The published ports with the numbers they really have.
    package var published: [PortBinding] { ports.published }

    /// The connections that ports are published through.
    var outward: Outward { Outward(connections) }

    /// An address on a network.
    package struct Connection: Hashable, Sendable {
        package var endpoint: EndpointRecord
        package var network: NetworkRecord
    }
}

extension Outward {
    /// Of the connections of one start.
    init(_ connections: [PreparedStart.Connection]) {
        self.init(connections.map { Place(endpoint: $0.endpoint, network: $0.network) })
    }
}
