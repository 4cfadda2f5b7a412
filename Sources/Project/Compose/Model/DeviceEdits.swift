/// What files of the Container Device Interface say of the devices that a service names: how its
/// containers differ from others.
package struct DeviceEdits: Hashable, Codable, Sendable {
    /// `vendor.com/class=name` of each, in the order of the file.
    package var names: [String] = []
    /// Made in the container's /dev, and allowed.
    package var nodes: [DeviceNode] = []
    /// Bound into the container, in this order.
    package var mounts: [Mount] = []
    /// `NAME=value`; they replace what the service says of the name.
    package var environment: [String] = []
    /// Numbers of groups that the process is in.
    package var groups: [UInt32] = []

    /// A device node.
    package struct DeviceNode: Hashable, Codable, Sendable {
        /// In the container.
        package var path: String
        /// On this machine.
        package var hostPath: String
        /// Of `r`, `w` and `m`.
        package var permissions: String
        /// Permission bits.
        package var mode: UInt32
        package var user: UInt32
        package var group: UInt32
    }

    /// A file or folder of this machine.
    package struct Mount: Hashable, Codable, Sendable {
        package var hostPath: String
        /// In the container.
        package var containerPath: String
        package var readOnly: Bool
        /// What is mounted beneath it is mounted with it.
        package var isRecursive: Bool
        /// Of `nosuid`, `nodev` and `noexec`.
        package var options: [String]
    }

    /// Asks for nothing yet.
    package init() {}
}
