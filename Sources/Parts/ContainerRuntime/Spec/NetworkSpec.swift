/// How a container is connected.
package enum NetworkMode: Hashable, Codable, Sendable {
    /// A network namespace with only its loopback.
    case none
    /// The host's own network namespace.
    case host
    /// One link per network, in order; the first gives the default route.
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

    package init(network: String) { self.network = network }
}

/// One published port; ranges are already one binding per port.
package struct PortBinding: Hashable, Codable, Sendable {
    /// `0.0.0.0` unless written.
    package var hostAddress: String
    /// nil asks for a free one.
    package var hostPort: UInt16?
    package var containerPort: UInt16
    package var transport: Transport

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
