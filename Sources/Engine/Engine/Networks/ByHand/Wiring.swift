package import Addresses
import ContainerNetwork
import ContainerRuntime

/// How a running container is connected, as the kernel was told.
package struct Wiring: Sendable {
    /// By their identifiers.
    var places: [String: Outward.Place]
    var outward: Outward

    /// Of the places that the records say.
    init(_ places: [Outward.Place]) {
        self.places = Dictionary(uniqueKeysWithValues: places.map { ($0.network.id.text, $0) })
        outward = Outward(places)
    }

    /// As a start has made it.
    package init(_ connections: [PreparedStart.Connection]) {
        self.init(connections.map { Outward.Place(endpoint: $0.endpoint, network: $0.network) })
    }

    /// The networks, in no order.
    var networks: [NetworkConfiguration] { places.values.map(\.network.configuration) }

    /// The container's address for what comes from outside by IPv4.
    package var reachedByIPv4: IPAddress? { outward.addresses.first(of: .v4) }

    /// Whether another wiring has the same places.
    package func isSame(as other: Wiring) -> Bool {
        places.mapValues(\.endpoint) == other.places.mapValues(\.endpoint)
    }

    /// With places of another one, which leads nowhere yet: what has been begun and is not done.
    package func beginning(_ other: Wiring) -> Wiring {
        var both = self
        both.places.merge(other.places) { $1 }
        return both
    }

    /// Those that another wiring has not, in the order of their interfaces. A place that was taken
    /// away and given again is another one.
    func places(missingIn other: Wiring) -> [Outward.Place] {
        places.filter { other.places[$0.key]?.endpoint != $0.value.endpoint }.values
            .sorted { $0.endpoint.position < $1.endpoint.position }
    }
}
