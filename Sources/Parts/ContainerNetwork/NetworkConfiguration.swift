package import Addresses

/// A network as the kernel shall have it.
package struct NetworkConfiguration: Hashable, Codable, Sendable {
    /// The network's identity: at least 12 lower-case hexadecimal digits.
    package var id: String
    /// What people call it (`shop_default`); only for messages.
    package var name: String
    /// What makes it and connects containers to it.
    package var driver = NetworkDriverName.bridge
    /// nil for a network without IPv4.
    package var ipv4: AddressBlock<IPv4Address>?
    /// nil for a network without IPv6.
    package var ipv6: AddressBlock<IPv6Address>?
    /// Whether there is no way out of the network and no way in.
    package var isInternal: Bool
    /// Largest packet in bytes.
    package var mtuBytes: UInt32
    /// Its name on the host, where it was asked for.
    package var chosenName: String?
    /// Whether containers on it reach each other.
    package var connectsContainers = true
    /// Whether containers speak to the outside with the host's address.
    package var masquerades = true
    /// Families of which the host has no address on it, although containers may have a gateway.
    package var familiesWithoutHost: Set<IPFamily> = []
    /// On which link of the host it is, and how; nil for a bridge.
    package var parentOptions: ParentOptions?
    /// Whether other networks are on the same link of the host.
    package var sharesParent = false

    package init(
        id: String,
        name: String,
        ipv4: AddressBlock<IPv4Address>?,
        ipv6: AddressBlock<IPv6Address>? = nil,
        isInternal: Bool = false,
        mtuBytes: UInt32 = 1500
    ) {
        self.id = id
        self.name = name
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.isInternal = isInternal
        self.mtuBytes = mtuBytes
    }

    /// Its gateways, one of a family at most.
    package var gateways: [IPAddress] {
        (ipv4.map { [.v4($0.gateway)] } ?? []) + (ipv6.map { [.v6($0.gateway)] } ?? [])
    }

    /// The host's own addresses on it: its gateways, unless asked otherwise.
    package var hostAddresses: [IPAddress] {
        gateways.filter { !familiesWithoutHost.contains($0.family) }
    }

    /// Whether an address is one of the network's.
    package func contains(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): ipv4?.subnet.contains(address) ?? false
        case .v6(let address): ipv6?.subnet.contains(address) ?? false
        }
    }

    /// Takes what a driver was asked for over.
    package mutating func apply(_ options: BridgeOptions) {
        if let bytes = options.mtuBytes { mtuBytes = bytes }
        chosenName = options.name
        connectsContainers = options.connectsContainers
        masquerades = options.masquerades
        familiesWithoutHost = options.isolated.union(options.inhibitsIPv4 ? [.v4] : [])
    }

    /// Whether the host is on it, with an address of its own: then it can publish ports.
    package var hasHost: Bool { driver == .bridge }

    /// The bridge's name on the host: at most 15 bytes, with our prefix.
    package var bridgeName: String { chosenName ?? LinkName.bridge(network: id) }
}

/// One container's connection to one network.
package struct Endpoint: Hashable, Codable, Sendable {
    package var containerID: String
    /// Name of the link inside the container (`eth0`).
    package var interfaceName: String
    /// The link's, one of a family at most.
    package var addresses: [IPAddress]
    /// Of which families the network's gateway becomes the container's default route. At most one
    /// endpoint of a container says so of each, and never one on an internal network.
    package var defaultRoutes: Set<IPFamily>
    /// Whether the container has CAP_NET_ADMIN: it may send with other addresses than its own.
    package var administersNetwork: Bool
    /// Of its end of the link; nil follows from its address.
    package var chosenMAC: MACAddress?
    /// Further addresses of the link, of 169.254.0.0/16 and fe80::/10.
    package var linkLocalAddresses: [IPAddress] = []
    /// Kernel parameters of its end of the link: `net.X.Y.IFNAME.Z`, where IFNAME stands for its name.
    package var linkParameters: [String: String] = [:]

    package init(
        containerID: String,
        interfaceName: String,
        addresses: [IPAddress],
        isDefaultRoute: Bool,
        administersNetwork: Bool = false
    ) {
        self.containerID = containerID
        self.interfaceName = interfaceName
        self.addresses = addresses
        defaultRoutes = isDefaultRoute ? Set(IPFamily.allCases) : []
        self.administersNetwork = administersNetwork
    }

    /// Of its end of the link.
    var mac: MACAddress { chosenMAC ?? MACAddress(for: addresses) }

    /// Every IPv4 address of its end of the link.
    var ownIPv4: [IPv4Address] {
        (addresses + linkLocalAddresses).compactMap { [$0].ipv4 }
    }

    /// Every IPv6 address of its end of the link, with the one that the link gives itself; none where
    /// the network has no IPv6.
    var ownIPv6: [IPv6Address] {
        guard addresses.ipv6 != nil else { return [] }
        return (addresses + linkLocalAddresses).compactMap { [$0].ipv6 }
            + [IPv6Address(linkLocalOf: mac)]
    }
}

/// TCP or UDP.
package enum TransportProtocol: String, Hashable, Codable, CaseIterable, Sendable {
    case tcp, udp

    /// The number in an IPv4 header.
    var number: UInt8 { self == .tcp ? 6 : 17 }
}

/// A port of the host that leads to a port of a container.
package struct PublishedPort: Hashable, Codable, Sendable, CustomStringConvertible {
    package var containerID: String
    /// `0.0.0.0` or `::` means every address of the host.
    package var hostAddress: IPAddress
    package var hostPort: UInt16
    package var transport: TransportProtocol
    /// Of the same family.
    package var containerAddress: IPAddress
    package var containerPort: UInt16

    package init(
        containerID: String,
        hostAddress: IPAddress,
        hostPort: UInt16,
        transport: TransportProtocol,
        containerAddress: IPAddress,
        containerPort: UInt16
    ) {
        self.containerID = containerID
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.transport = transport
        self.containerAddress = containerAddress
        self.containerPort = containerPort
    }

    /// Whether the host itself reaches it by an address of 127.0.0.0/8.
    var isReachedByLoopback: Bool {
        hostAddress.family == .v4 && (hostAddress.isAny || hostAddress.isLoopback)
    }

    package var description: String {
        let from = SocketAddress(hostAddress, port: hostPort)
        let to = SocketAddress(containerAddress, port: containerPort)
        return "\(from)->\(to)/\(transport.rawValue)"
    }
}
