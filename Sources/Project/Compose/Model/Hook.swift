package import OrderedCollections

/// An element of `pre_start`, `post_start` or `pre_stop`: what is run beside a container.
package struct Hook: Hashable, Codable, Sendable {
    /// compose-spec `command`.
    package var command: [String] = []
    /// compose-spec `user`.
    package var user: String?
    /// compose-spec `privileged`.
    package var privileged = false
    /// compose-spec `working_dir`.
    package var workingDirectory: String?
    /// compose-spec `environment`.
    package var environment: OrderedDictionary<String, String?> = [:]
    /// Of `pre_start`: what it is run in.
    package var image: String?
    /// Of `pre_start`: before each container, not once for all.
    package var perReplica = false
    /// Says nothing yet.
    package init() {}
}
