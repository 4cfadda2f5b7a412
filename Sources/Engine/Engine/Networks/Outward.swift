import Addresses
import ContainerNetwork
import ContainerRuntime

/// By which of its networks a container speaks to the outside, for each family of addresses: docker's
/// choice. Ports are published through the same ones.
struct Outward: Sendable {
    /// A container's place on a network, with that network.
    struct Place: Sendable {
        var endpoint: EndpointRecord
        var network: NetworkRecord
    }

    private(set) var ipv4: Place?
    private(set) var ipv6: Place?

    /// The first network by `gw_priority` and name that leads out with both families, or else the first
    /// of each family. An internal one never does.
    init(_ places: [Place]) {
        let order = places.filter { !$0.network.isInternal }.sorted { left, right in
            let (former, latter) = (left.endpoint.priority, right.endpoint.priority)
            return (latter, left.network.name) < (former, right.network.name)
        }
        let both = order.first { $0.leads(.v4) && $0.leads(.v6) }
        ipv4 = both ?? order.first { $0.leads(.v4) }
        ipv6 = both ?? order.first { $0.leads(.v6) }
    }

    /// Of which families a network of the container gives the default route.
    func families(of network: NetworkID) -> Set<IPFamily> {
        Set(IPFamily.allCases.filter { self[$0]?.network.id == network })
    }

    /// Where packets of a family leave; nil where none do.
    subscript(family: IPFamily) -> Place? { family == .v4 ? ipv4 : ipv6 }

    /// The container's own, by which it is reached from outside.
    var addresses: [IPAddress] {
        IPFamily.allCases.compactMap { self[$0]?.endpoint.addresses.first(of: $0) }
    }

    /// The host's, as the container reaches it.
    var gateways: [IPAddress] {
        IPFamily.allCases.compactMap {
            guard let configuration = self[$0]?.network.configuration, configuration.hasHost
            else { return nil }
            return configuration.gateways.first(of: $0)
        }
    }

    /// The one that the host's 127.0.0.0/8 leads to.
    var main: NetworkRecord? { (ipv4 ?? ipv6)?.network }
}

extension Outward.Place {
    fileprivate func leads(_ family: IPFamily) -> Bool {
        endpoint.addresses.first(of: family) != nil
    }
}

extension EndpointRecord {
    /// compose-spec `gw_priority`, docker's `--gw-priority`.
    var priority: Int { details.gatewayPriority ?? 0 }
}
