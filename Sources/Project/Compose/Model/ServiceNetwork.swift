package import Addresses
package import OrderedCollections

/// A service on one network. compose-spec `networks` of a service.
package struct ServiceNetwork: Hashable, Codable, Sendable {
    /// compose-spec `aliases`.
    package var aliases: [String] = []
    /// compose-spec `ipv4_address`.
    package var ipv4Address: IPv4Address?
    /// compose-spec `ipv6_address`.
    package var ipv6Address: IPv6Address?
    /// compose-spec `link_local_ips`.
    package var linkLocalIPs: [IPAddress] = []
    /// compose-spec `mac_address`.
    package var macAddress: MACAddress?
    /// Name of the interface in the container.
    package var interfaceName: String?
    /// compose-spec `driver_opts`.
    package var driverOpts: OrderedDictionary<String, String> = [:]
    /// The highest gives the default route; of equal ones `priority` decides.
    package var gatewayPriority = 0
    /// The highest comes first among the container's interfaces.
    package var priority = 0
    /// Says nothing yet.
    package init() {}
}

/// compose-spec `network_mode`.
package enum NetworkModeDeclaration: Hashable, Codable, Sendable {
    case none
    case host
    /// The network of another service's container.
    case service(String)
    case container(String)
    /// A network by the name of its record, or one of `namesOfDefault`. `Service.networks` has it.
    case named(String)

    /// What Docker calls its default network; here it is the project's.
    static let namesOfDefault = ["bridge", "default"]

    /// Says no more than what must be said.
    package init(_ text: String) {
        switch (text, Neighbour(text)) {
        case ("none", _): self = .none
        case ("host", _): self = .host
        case (_, .service(let name)): self = .service(name)
        case (_, .container(let name)): self = .container(name)
        case (_, nil): self = .named(text)
        }
    }
}

/// One element of `links` or `external_links`: another container, and the name it gets.
package struct ServiceLink: Hashable, Codable, Sendable {
    /// A service, or a container outside of the project.
    package var target: String
    /// compose-spec `alias`.
    package var alias: String?

    /// Reads `NAME[:ALIAS]`; nil without a name.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else { return nil }
        target = String(parts[0])
        alias = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
    }
}
