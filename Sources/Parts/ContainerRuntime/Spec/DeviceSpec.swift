/// Devices that a container has beside those that every one has.
package struct DeviceSpec: Hashable, Codable, Sendable {
    /// compose-spec `devices`.
    package var mappings: [Mapping] = []
    /// What it may use of devices whose nodes it makes itself. compose-spec `device_cgroup_rules`.
    package var rules: [DeviceRule] = []
    /// Those that were asked for by a name of the Container Device Interface, for `inspect`: what
    /// files say of them is among the mappings, mounts, variables and groups. nil: none.
    package var names: [String]?

    /// A device of the host, or all that are in a folder, and where the container has them.
    package struct Mapping: Hashable, Codable, Sendable {
        /// A path of the host; symbolic links are followed at each start.
        package var source: String
        /// Absolute path in the container.
        package var target: String
        package var access: DeviceRule.Access
        /// nil is what the host's node has.
        package var owner: Owner?

        /// Whose a node is.
        package struct Owner: Hashable, Codable, Sendable {
            /// Permission bits.
            package var mode: UInt32
            package var user: UInt32
            package var group: UInt32

            package init(mode: UInt32, user: UInt32, group: UInt32) {
                self.mode = mode
                self.user = user
                self.group = group
            }
        }

        package init(source: String, target: String, access: DeviceRule.Access) {
            self.source = source
            self.target = target
            self.access = access
        }
    }

    package init() {}
}
