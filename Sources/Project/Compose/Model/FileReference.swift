package import OrderedCollections

/// One element of `configs` or `secrets` of a service or a build.
package struct FileReference: Hashable, Codable, Sendable {
    /// Key of the project's configs or secrets.
    package var source: String
    /// Where it is in the container; nil is the default.
    package var target: String?
    /// compose-spec `uid`.
    package var uid: String?
    /// compose-spec `gid`.
    package var gid: String?
    /// Permission bits.
    package var mode: UInt32?

    /// Says no more than what must be said.
    package init(source: String) { self.source = source }
}

/// A top-level config or secret. compose-spec "configs", "secrets".
package struct FileDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String
    /// compose-spec `external`.
    package var external = false
    /// Absolute path of the file it is in.
    package var file: String?
    /// Name of the variable it is in.
    package var environment: String?
    /// What that variable has; nil where it is not set.
    package var variableValue: String?
    /// compose-spec `content`.
    package var content: String?
    /// compose-spec `labels`.
    package var labels: OrderedDictionary<String, String> = [:]
    /// compose-spec `driver`.
    package var driver: String?
    /// compose-spec `driver_opts`.
    package var driverOpts: OrderedDictionary<String, String> = [:]
    /// compose-spec `template_driver`.
    package var templateDriver: String?

    /// Says no more than what must be said.
    package init(name: String) { self.name = name }
}
