package import KernelNames

/// What a container may do: `privileged`, `cap_add`, `cap_drop`, `security_opt`.
package struct SecurityDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `privileged`.
    package var privileged = false
    /// compose-spec `cap_add`.
    package var capAdd: [Capability.Choice] = []
    /// compose-spec `cap_drop`.
    package var capDrop: [Capability.Choice] = []
    /// compose-spec `security_opt`.
    package var securityOpt: [SecurityOption] = []
    /// Says nothing yet.
    package init() {}
}

/// One element of `security_opt`: `seccomp=unconfined`, `no-new-privileges`.
package struct SecurityOption: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String
    /// compose-spec `value`.
    package var value: String?

    /// Reads `NAME=VALUE` or `NAME:VALUE`; only `no-new-privileges` goes without a value.
    package init?(_ text: String) {
        let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":")
        name = String(text[..<(separator ?? text.endIndex)])
        value = separator.map { String(text[text.index(after: $0)...]) }
        guard !name.isEmpty, value != nil || name == "no-new-privileges" else { return nil }
    }
}
