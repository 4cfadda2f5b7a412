package import Addresses

/// How a container is connected.
package enum NetworkMode: Hashable, Codable, Sendable {
    /// A network namespace with only its loopback.
    case none
    /// The host's own network namespace.
    case host
    /// That of another container, by its name, with its addresses, names and ports.
    case container(String)
    /// One link per network, in order.
    case attached([NetworkAttachment])
}

/// A container on one network.
package struct NetworkAttachment: Hashable, Codable, Sendable {
    /// The record's name (`shop_default`).
    package var network: String
    /// Names that resolve to the container on this network, besides its own and its service's.
    package var aliases: [String] = []
    /// Fixed IPv4 address in dotted form; nil takes the next free one.
    package var ipv4Address: String?
    /// Fixed IPv6 address; nil takes the next free one where the network has IPv6.
    package var ipv6Address: String?
    /// Of its link, with colons; nil follows from its address.
    package var macAddress: String?
    /// Name of its link in the container; nil is `eth` with a number.
    package var interfaceName: String?
    /// Further addresses, of 169.254.0.0/16 and fe80::/10; nil for none.
    package var linkLocalAddresses: [String]?
    /// Which network gives the default route: the highest does; nil is 0.
    package var gatewayPriority: Int?
    /// Names that others have on this network for this container alone; nil for none.
    package var links: [ContainerLink]?
    /// Kernel parameters of its link by name, in which IFNAME stands for the link's; nil for none.
    package var linkParameters: [String: String]?
    /// It was connected by a command, whatever a file says; nil is no.
    package var isByHand: Bool?

    package init(network: String) { self.network = network }
}

/// One published port of the container.
package struct PortBinding: Hashable, Codable, Sendable {
    /// `0.0.0.0` unless written.
    package var hostAddress: String
    /// Whether that was written: otherwise `::` is meant as well. nil is false.
    package var isIPv4Alone: Bool?
    /// nil asks for a free one. Of a range it is the one to try first, and no part of what the user
    /// asked for.
    package var hostPort: UInt16?
    /// The ports to choose from at each start, when a range was asked for.
    package var hostRange: PortRange?
    package var containerPort: UInt16
    package var transport: Transport

    /// The protocol of a published port.
    package enum Transport: String, Hashable, Codable, Sendable { case tcp, udp }

    package init(
        hostAddress: String = "0.0.0.0",
        hostPort: UInt16?,
        containerPort: UInt16,
        transport: Transport = .tcp
    ) {
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.containerPort = containerPort
        self.transport = transport
    }

    /// One port of a range.
    package init(
        hostAddress: String = "0.0.0.0",
        hostRange: PortRange,
        containerPort: UInt16,
        transport: Transport = .tcp
    ) {
        self.init(
            hostAddress: hostAddress,
            hostPort: nil,
            containerPort: containerPort,
            transport: transport
        )
        self.hostRange = hostRange
    }

    /// What the user asked for: of a range, any port.
    package var asked: PortBinding {
        var asked = self
        if hostRange != nil { asked.hostPort = nil }
        return asked
    }
}

/// Ports that something inside listens on, as `EXPOSE` and `expose` name them.
package struct ExposedPorts: Hashable, Codable, Sendable {
    package var ports: PortRange
    package var transport: PortProtocol

    package init(_ ports: PortRange, _ transport: PortProtocol = .tcp) {
        self.ports = ports
        self.transport = transport
    }

    /// Reads `80`, `80/udp`, `80-90/tcp`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let ports = PortRange(parts[0]) else { return nil }
        let word = parts.count == 2 ? parts[1].lowercased() : PortProtocol.tcp.rawValue
        guard let transport = PortProtocol(rawValue: word) else { return nil }
        self.init(ports, transport)
    }
}

/// A line of `/etc/hosts`.
package struct ExtraHost: Hashable, Codable, Sendable {
    package var name: String
    package var address: String

    package init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// What `/etc/resolv.conf` says besides our own server.
package struct DNSSettings: Hashable, Codable, Sendable {
    /// Upstream servers; empty means the host's.
    package var servers: [String] = []
    package var searchDomains: [String] = []
    package var options: [String] = []
    package init() {}
}
