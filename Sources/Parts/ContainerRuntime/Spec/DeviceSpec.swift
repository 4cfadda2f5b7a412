/// Devices that a container has beside those that every one has.
package struct DeviceSpec: Hashable, Codable, Sendable {
    /// compose-spec `devices`.
    package var mappings: [Mapping] = []
    /// What it may use of devices whose nodes it makes itself. compose-spec `device_cgroup_rules`.
    package var rules: [DeviceRule] = []

    /// A device of the host, or all that are in a folder, and where the container has them.
    package struct Mapping: Hashable, Codable, Sendable {
        /// A path of the host; symbolic links are followed at each start.
        package var source: String
        /// Absolute path in the container.
        package var target: String
        package var access: DeviceRule.Access

        package init(source: String, target: String, access: DeviceRule.Access) {
            self.source = source
            self.target = target
            self.access = access
        }
    }

    package init() {}
}
