package import OrderedCollections

/// A loaded compose file: everything asked for, resolved. What `Compose` is for.
package struct Project: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String
    /// Absolute path that relative paths were resolved against.
    package var directory: String
    /// Absolute paths of the files it was loaded from, in order.
    package var files: [String]
    /// compose-spec `services`.
    package var services: OrderedDictionary<String, Service> = [:]
    /// compose-spec `networks`.
    package var networks: OrderedDictionary<String, NetworkDeclaration> = [:]
    /// compose-spec `volumes`.
    package var volumes: OrderedDictionary<String, VolumeDeclaration> = [:]
    /// compose-spec `configs`.
    package var configs: OrderedDictionary<String, FileDeclaration> = [:]
    /// compose-spec `secrets`.
    package var secrets: OrderedDictionary<String, FileDeclaration> = [:]
    /// compose-spec `models`.
    package var models: OrderedDictionary<String, ModelDeclaration> = [:]
    /// Services that the active profiles leave out, by name.
    package var disabledServices: OrderedDictionary<String, Service> = [:]
    /// Nobody chose its name: it is that of its folder.
    package var isNamedByFolder = false
    /// Services without containers, which a program provides. Not among the others: what depends on
    /// them says so in `Service.providedBy`.
    package var providers: OrderedDictionary<String, Service> = [:]
    /// What joins the parts of names of containers and images: `-`, or `_` of old.
    package var separator = "-"

    /// Says no more than what must be said.
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
