/// What proves to a registry who asks.
package enum Credentials: Hashable, Sendable {
    /// Sent as they are to registries that want basic authentication, exchanged for a token at the
    /// token servers of others.
    case password(username: String, password: String)
    /// A token server's long-lived word, exchanged for short-lived tokens; `identitytoken` of
    /// docker's `config.json`, the user name `<token>` of credential helpers.
    case identityToken(String)
    /// A token that is sent as it is; `registrytoken` of docker's `config.json`.
    case registryToken(String)

    package init(username: String, password: String) {
        self = .password(username: username, password: password)
    }

    /// Nil for tokens.
    package var username: String? {
        if case .password(let username, _) = self { username } else { nil }
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the password.
    package var description: String {
        switch self {
        case .password(let username, _): "credentials of \(username)"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }

    /// Never the password.
    package var debugDescription: String { description }
}
