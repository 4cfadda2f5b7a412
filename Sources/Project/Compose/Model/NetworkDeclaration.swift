package import Addresses
package import OrderedCollections

/// A top-level network. compose-spec "networks".
package struct NetworkDeclaration: Hashable, Codable, Sendable {
    /// Name of the record: `<project>_<key>`, the `name:` given, or the key of an external one.
    package var name: String
    /// It exists already and is not made or removed by the project.
    package var external = false
    /// compose-spec `internal`.
    package var isInternal = false
    /// compose-spec `attachable`.
    package var attachable = false
    /// compose-spec `driver`.
    package var driver = "bridge"
    /// compose-spec `driver_opts`.
    package var driverOptions: [String: String] = [:]
    /// compose-spec `enable_ipv4`.
    package var enableIPv4: Bool?
    /// compose-spec `enable_ipv6`.
    package var enableIPv6: Bool?
    /// `ipam.driver`
    package var ipamDriver: String?
    /// `ipam.options`
    package var ipamOptions: [String: String] = [:]
    /// compose-spec `pools`.
    package var pools: [AddressPool] = []
    /// compose-spec `labels`.
    package var labels: [String: String] = [:]

    /// One entry of `ipam.config`.
    package struct AddressPool: Hashable, Codable, Sendable {
        /// compose-spec `subnet`.
        package var subnet: IPSubnet?
        /// compose-spec `ip_range`.
        package var ipRange: IPSubnet?
        /// compose-spec `gateway`.
        package var gateway: IPAddress?
        /// Addresses that no container gets, by the name of who has them.
        package var auxAddresses: OrderedDictionary<String, IPAddress> = [:]

        /// Says no more than what must be said.
        package init(subnet: IPSubnet?) { self.subnet = subnet }
    }

    /// Says no more than what must be said.
    package init(name: String) { self.name = name }
}

/// A top-level volume. compose-spec "volumes".
package struct VolumeDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String
    /// compose-spec `external`.
    package var external = false
    /// compose-spec `driver`.
    package var driver = "local"
    /// compose-spec `driver_opts`.
    package var driverOptions: [String: String] = [:]
    /// compose-spec `labels`.
    package var labels: [String: String] = [:]

    /// Says no more than what must be said.
    package init(name: String) { self.name = name }
}
