package import ContainerRuntime
package import Linux

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
    /// The published ports with the numbers they really have.
    package var published: [PortBinding]
    /// Sockets that hold those ports of the host: the keeper keeps them.
    package var portSockets: [SharedFD]
    /// Ports that the supervisor serves itself.
    package var relayed: [RelayedPort]
    /// What is not as asked, in words for the user.
    package var warnings: [String]

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
