package import Addresses
package import ContainerRuntime

/// What a network was asked to be beyond its addresses: absent where nothing was asked.
package struct NetworkDetails: Hashable, Codable, Sendable {
    /// As `BridgeOptions` reads them.
    package var driverOptions: [String: String]?
    /// IPv4 addresses that no container gets, by the name of who has them.
    package var auxAddresses: [String: IPv4Address]?
    /// Its addresses of IPv6; those of IPv4 have columns of their own.
    package var ipv6: AddressBlock<IPv6Address>?
    /// `--attachable`, which means something in swarms only; shown as it was asked for.
    package var isAttachable: Bool?

    /// Nothing was asked for.
    package init() {}
}

/// The same of a container's place on a network.
///
/// The column that this is in may have another member, `yieldsTo`: see `NameStanding`. It says nothing of
/// how the container is connected, and so is none of these.
package struct EndpointDetails: Hashable, Codable, Sendable {
    /// Name of the link in the container.
    package var interface: String?
    /// Of its link; nil follows from its address.
    package var mac: MACAddress?
    /// Further addresses, of 169.254.0.0/16 and fe80::/10.
    package var linkLocalAddresses: [IPAddress]?
    /// Which network gives the default route: the highest does; nil is 0.
    package var gatewayPriority: Int?
    /// Names that others have on this network for this container alone; nil for none.
    package var links: [ContainerLink]?
    /// Kernel parameters of its link by name, in which IFNAME stands for the link's; nil for none.
    package var linkParameters: [String: String]?

    /// Nothing was asked for.
    package init() {}
}
