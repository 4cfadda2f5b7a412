package import ContainerRuntime

/// A volume of ours, a directory that outlives containers.
package struct VolumeRecord: Hashable, Sendable {
    package let name: String
    package var project: String?
    /// Key in the compose file (`com.docker.compose.volume`).
    package var key: String?
    /// The folder of the project that made it; nil where none did, or where that is not known.
    package var directory: String?
    package var driver = "local"
    package var driverOptions: [String: String] = [:]
    /// Made with a container for a mount without a name; goes with it on request.
    package var isAnonymous = false
    package var labels: [String: String] = [:]
    package var createdAt: Timestamp

    package init(name: String, createdAt: Timestamp) {
        self.name = name
        self.createdAt = createdAt
    }
}

/// What to make a volume of.
package struct VolumeRequest: Hashable, Sendable {
    package var name: String
    package var project: String?
    package var key: String?
    /// The folder of that project.
    package var directory: String?
    package var driver = "local"
    package var driverOptions: [String: String] = [:]
    package var labels: [String: String] = [:]
    /// Nobody gave it a name: a prune takes it.
    package var isAnonymous = false

    package init(name: String) { self.name = name }
}

/// Which volume a container has where.
package struct VolumeUse: Hashable, Sendable {
    package var container: ContainerID
    package var target: String
    package var volume: String
}
