package import OrderedCollections

/// A loaded compose file: everything asked for, resolved, without positions. What `Compose` is for.
package struct Project: Hashable, Codable, Sendable {
    package var name: String
    /// Absolute path that relative paths were resolved against.
    package var directory: String
    /// Absolute paths of the files it was loaded from, in order.
    package var files: [String]
    package var services: OrderedDictionary<String, Service> = [:]
    package var networks: OrderedDictionary<String, NetworkDeclaration> = [:]
    package var volumes: OrderedDictionary<String, VolumeDeclaration> = [:]
    /// Services that the active profiles leave out, by name.
    package var disabledServices: OrderedDictionary<String, Service> = [:]
    /// What joins the parts of names of containers and images: `-`, or `_` of old.
    package var separator = "-"

    package init(name: String, directory: String, files: [String]) {
        self.name = name
        self.directory = directory
        self.files = files
    }

    /// The parts of a name of the project, joined: `shop-web-1`.
    package func joinedName(_ parts: String...) -> String {
        ([name] + parts).joined(separator: separator)
    }
}

/// A top-level network. compose-spec "networks".
package struct NetworkDeclaration: Hashable, Codable, Sendable {
    /// Name of the record: `<project>_<key>`, the `name:` given, or the key of an external one.
    package var name: String
    /// It exists already and is not made or removed by the project.
    package var external = false
    package var isInternal = false
    package var driver = "bridge"
    package var driverOptions: [String: String] = [:]
    package var pools: [AddressPool] = []
    package var labels: [String: String] = [:]

    /// One entry of `ipam.config`.
    package struct AddressPool: Hashable, Codable, Sendable {
        /// CIDR, `172.28.0.0/16`.
        package var subnet: String
        package var ipRange: String?
        package var gateway: String?

        package init(subnet: String) { self.subnet = subnet }
    }

    package init(name: String) { self.name = name }
}

/// A top-level volume. compose-spec "volumes".
package struct VolumeDeclaration: Hashable, Codable, Sendable {
    package var name: String
    package var external = false
    package var driver = "local"
    package var driverOptions: [String: String] = [:]
    package var labels: [String: String] = [:]

    package init(name: String) { self.name = name }
}
