package import Addresses
package import ContainerNetwork
package import ContainerRuntime

/// A network's identity: 64 lower-case hexadecimal digits; kernel objects carry the first 12.
package struct NetworkID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package var short: String { String(text.prefix(12)) }
    package var description: String { text }

    /// Takes 64 lower-case hexadecimal digits; nil for anything else.
    package init?(_ text: String) {
        guard let id = ContainerID(text) else { return nil }
        self.text = id.text
    }

    /// A new identifier, 64 hexadecimal digits of getrandom(2).
    package static func random() -> NetworkID { NetworkID(ContainerID.random()) }

    private init(_ id: ContainerID) { text = id.text }
}

/// A network of ours, with one subnet of a family at most, and of one at least.
package struct NetworkRecord: Hashable, Sendable {
    package let id: NetworkID
    package var name: String
    package var project: String?
    /// Key in the compose file (`com.docker.compose.network`).
    package var key: String?
    package var driver = NetworkDriverName.bridge
    package var isInternal = false
    /// nil without IPv4.
    package var ipv4: AddressBlock<IPv4Address>?
    /// nil without IPv6.
    package var ipv6: AddressBlock<IPv6Address>?
    package var labels: [String: String] = [:]
    package var details = NetworkDetails()
    package var createdAt: Timestamp

    package init(
        id: NetworkID,
        name: String,
        ipv4: AddressBlock<IPv4Address>?,
        ipv6: AddressBlock<IPv6Address>? = nil,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.createdAt = createdAt
    }
}

extension NetworkRecord {
    /// What the kernel is asked for.
    package var configuration: NetworkConfiguration {
        var configuration = NetworkConfiguration(
            id: id.text,
            name: name,
            ipv4: ipv4,
            ipv6: ipv6,
            isInternal: isInternal
        )
        configuration.driver = driver
        configuration.apply(options)
        // `try?`: as the options of a bridge.
        let parent = try? ParentOptions(details.driverOptions ?? [:], of: driver)
        configuration.parentOptions = parent ?? nil
        if let bytes = configuration.parentOptions?.mtuBytes { configuration.mtuBytes = bytes }
        return configuration
    }

    /// Whether the host is on it, so that ports can be published there.
    package var hasHost: Bool { configuration.hasHost }

    /// What its driver was asked for.
    var options: BridgeOptions {
        // `try?`: they were read before the record was made.
        (try? BridgeOptions(details.driverOptions ?? [:])) ?? BridgeOptions()
    }
}

/// What to make a network of.
package struct NetworkRequest: Hashable, Sendable {
    package var name: String
    package var project: String?
    package var key: String?
    package var driver = "bridge"
    package var isInternal = false
    /// Only shown: any container may be connected to any network here.
    package var isAttachable = false
    /// Whether its containers have IPv4 addresses.
    package var enablesIPv4 = true
    /// Whether they have IPv6 addresses.
    package var enablesIPv6 = false
    /// One of a family at most; without one of a family that is enabled, the next free one from its
    /// default pools is taken. One of a family that is not enabled changes nothing.
    package var pools: [Pool] = []
    /// As `BridgeOptions` or `ParentOptions` reads them.
    package var driverOptions: [String: String] = [:]
    package var labels: [String: String] = [:]

    package init(name: String) { self.name = name }

    /// Addresses that are asked for.
    package struct Pool: Hashable, Sendable {
        /// CIDR.
        package var subnet: String
        /// Inside the subnet; nil is its first address.
        package var gateway: String?
        /// CIDR, inside the subnet: where addresses are taken from.
        package var ipRange: String?
        /// Inside the subnet: addresses that no container gets, by the name of who has them.
        package var auxAddresses: [String: String] = [:]

        /// The whole subnet, without a gateway of its own.
        package init(subnet: String) { self.subnet = subnet }
    }
}

/// A container's place on one network.
package struct EndpointRecord: Hashable, Sendable {
    package var container: ContainerID
    package var network: NetworkID
    package var networkName: String
    /// 0 is `eth0`.
    package var position: Int
    /// One of a family at most.
    package var addresses: [IPAddress]
    /// Names on this network besides the container's and its service's.
    package var aliases: [String]
    package var details = EndpointDetails()

    package var interface: String { details.interface ?? "eth\(position)" }
    package var mac: MACAddress { details.mac ?? MACAddress(for: addresses) }

    /// What the kernel is asked for.
    func endpoint(defaultRoutes: Set<IPFamily>, administersNetwork: Bool) -> Endpoint {
        var endpoint = Endpoint(
            containerID: container.text,
            interfaceName: interface,
            addresses: addresses,
            isDefaultRoute: false,
            administersNetwork: administersNetwork
        )
        endpoint.defaultRoutes = defaultRoutes
        endpoint.chosenMAC = details.mac
        endpoint.linkLocalAddresses = details.linkLocalAddresses ?? []
        endpoint.linkParameters = details.linkParameters ?? [:]
        return endpoint
    }
}
