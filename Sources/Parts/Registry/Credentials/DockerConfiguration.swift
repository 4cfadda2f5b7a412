import FoundationEssentials
import TextForms

/// Docker's `config.json`, as far as registries go; what is not understood stays as it is.
struct DockerConfiguration: Hashable, Sendable {
    private(set) var document: JSONValue

    init(document: JSONValue) { self.document = document }

    /// What the file says itself about a registry; nil when nothing.
    ///
    /// The key that docker writes is preferred to other spellings of the same registry.
    func credentials(for host: RegistryHost) -> Credentials? {
        let entries = (document["auths"]?.members ?? []).filter { host.isMeant(by: $0.name) }
        let ordered =
            entries.filter { $0.name == host.credentialKey }
            + entries.filter { $0.name != host.credentialKey }
        return ordered.lazy.compactMap { Self.credentials($0.value) }.first
    }

    private static func credentials(_ entry: JSONValue) -> Credentials? {
        if let token = entry["registrytoken"]?.string, !token.isEmpty {
            return .registryToken(token)
        }
        if let token = entry["identitytoken"]?.string, !token.isEmpty {
            return .identityToken(token)
        }
        if let encoded = entry["auth"]?.string, let bytes = Data(base64Encoded: encoded),
            let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        {
            // Docker once padded passwords with zeros.
            var password = text[text.index(after: colon)...]
            while password.last == "\0" { password.removeLast() }
            return .password(username: String(text[..<colon]), password: String(password))
        }
        if let username = entry["username"]?.string, let password = entry["password"]?.string {
            return .password(username: username, password: password)
        }
        return nil
    }

    /// Whether the file has an entry for a registry, an empty one too.
    func mentions(_ host: RegistryHost) -> Bool {
        (document["auths"]?.members ?? []).contains { host.isMeant(by: $0.name) }
    }

    /// The credential helper for a registry: its own, or the store for all.
    func helper(for host: RegistryHost) -> String? {
        let own = (document["credHelpers"]?.members ?? []).first { host.isMeant(by: $0.name) }
        if let name = own?.value.string { return name.isEmpty ? nil : name }
        return document["credsStore"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Headers that are meant for registries: `HttpHeaders` whose names begin with `X-Meta-`, the
    /// ones that docker's engine passes on.
    var registryHeaders: [String: String] {
        var headers: [String: String] = [:]
        for member in document["HttpHeaders"]?.members ?? [] {
            guard let value = member.value.string, member.name.lowercased().hasPrefix("x-meta-")
            else { continue }
            headers[member.name] = value
        }
        return headers
    }

    /// Puts credentials in, or with nil an empty entry: the helper has them.
    mutating func set(_ credentials: Credentials?, for host: RegistryHost) {
        remove(host)
        var entry = JSONValue.object([])
        switch credentials {
        case .password(let username, let password):
            let text = Data("\(username):\(password)".utf8).base64EncodedString()
            entry["auth"] = .string(text)
        case .identityToken(let token): entry["identitytoken"] = .string(token)
        case .registryToken(let token): entry["registrytoken"] = .string(token)
        case nil: break
        }
        if document["auths"]?.members == nil { document["auths"] = .object([]) }
        var entries = document["auths"] ?? .object([])
        entries[host.credentialKey] = entry
        document["auths"] = entries
    }

    /// Takes all entries for a registry out.
    mutating func remove(_ host: RegistryHost) {
        guard let entries = document["auths"]?.members else { return }
        document["auths"] = .object(entries.filter { !host.isMeant(by: $0.name) })
    }
}
