package import OrderedCollections

/// A model that a service uses. compose-spec `models` of a service.
package struct ServiceModel: Hashable, Codable, Sendable {
    /// Variable that says where it is; nil is the default.
    package var endpointVar: String?
    /// Variable that says its name; nil is the default.
    package var modelVar: String?
    /// Says nothing yet.
    package init() {}
}

/// A top-level model. compose-spec "models".
package struct ModelDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String?
    /// compose-spec `model`.
    package var model: String
    /// compose-spec `context_size`.
    package var contextSize: Int64?
    /// compose-spec `runtime_flags`.
    package var runtimeFlags: [String] = []

    /// Says no more than what must be said.
    package init(model: String) { self.model = model }
}

/// compose-spec `provider`.
package struct ProviderDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `type`.
    package var type: String
    /// Each may be given several times.
    package var options: OrderedDictionary<String, [String]> = [:]

    /// Says no more than what must be said.
    package init(type: String) { self.type = type }
}

/// compose-spec `credential_spec`; of Windows.
package struct CredentialSpec: Hashable, Codable, Sendable {
    /// compose-spec `config`.
    package var config: String?
    /// compose-spec `file`.
    package var file: String?
    /// compose-spec `registry`.
    package var registry: String?
    /// Says nothing yet.
    package init() {}
}
