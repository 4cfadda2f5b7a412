import SystemPackage
import TextForms

/// A file of settings about registries, ours or docker's `daemon.json`; the names of the keys are
/// docker's where docker has them.
struct SettingsDocument {
    let path: String
    let value: JSONValue
    /// In a file of ours every key must be known; docker's is about much else.
    let isOurs: Bool

    private static let keys: Set<String> = [
        "registry-mirrors", "mirrors", "insecure-registries", "token-servers", "proxies",
        "certificate-folders",
    ]

    func check() throws {
        guard isOurs, let members = value.members else { return }
        for member in members where !Self.keys.contains(member.name) {
            throw ConfigurationError(
                path,
                "unknown key \"\(member.name)\"; there are "
                    + Self.keys.sorted().joined(separator: ", ")
            )
        }
    }

    /// Texts below a key; nil when the key is not there.
    func texts(_ key: String) throws -> [String]? {
        try value[key].map { try texts($0, key) }
    }

    /// Texts by registry below a key; nil when the key is not there.
    func table(_ key: String) throws -> [String: [String]]? {
        guard let found = value[key] else { return nil }
        guard let members = found.members else {
            throw ConfigurationError(path, "\(key): an object is expected")
        }
        var table: [String: [String]] = [:]
        for member in members {
            table[RegistryHost(server: member.name).name, default: []] +=
                try texts(member.value, "\(key).\(member.name)")
        }
        return table
    }

    /// What is meant by docker's `proxies`.
    func proxies() throws -> ProxySettings? {
        guard let found = value["proxies"] else { return nil }
        guard let members = found.members else {
            throw ConfigurationError(path, "proxies: an object is expected")
        }
        var settings = ProxySettings()
        for member in members {
            guard let text = member.value.string else {
                throw ConfigurationError(path, "proxies.\(member.name): a text is expected")
            }
            switch member.name {
            case "http-proxy": settings.http = text.isEmpty ? nil : text
            case "https-proxy": settings.https = text.isEmpty ? nil : text
            case "no-proxy": settings.exceptions = text
            default:
                throw ConfigurationError(
                    path,
                    "proxies.\(member.name): unknown; there are http-proxy, https-proxy, no-proxy"
                )
            }
        }
        return settings
    }

    private func texts(_ value: JSONValue, _ key: String) throws -> [String] {
        guard let elements = value.elements else {
            throw ConfigurationError(path, "\(key): a list is expected")
        }
        return try elements.map { element in
            guard let text = element.string else {
                throw ConfigurationError(path, "\(key): a list of texts is expected")
            }
            return text
        }
    }
}

extension RegistrySettings {
    /// The keys of the first document, and those of the second that the first does not have.
    init(_ first: SettingsDocument, else second: SettingsDocument) throws {
        func found<T>(_ get: (SettingsDocument) throws -> T?) throws -> (T, in: String)? {
            if let value = try get(first) { return (value, first.path) }
            return try get(second).map { ($0, second.path) }
        }
        func wrapping<T>(_ path: String, _ key: String, _ body: () throws -> T) throws -> T {
            do { return try body() } catch { throw ConfigurationError(path, "\(key): \(error)") }
        }
        self.init()
        try first.check()
        if let (table, path) = try found({ $0.isOurs ? try $0.table("mirrors") : nil }) {
            for (name, texts) in table {
                mirrors[name] = try wrapping(path, "mirrors") { try texts.map(Mirror.init) }
            }
        }
        if let (texts, path) = try found({ try $0.texts("registry-mirrors") }) {
            let hub = try wrapping(path, "registry-mirrors") { try texts.map(Mirror.init) }
            mirrors[RegistryHost(server: nil).name, default: []] += hub
        }
        if let (texts, path) = try found({ try $0.texts("insecure-registries") }) {
            insecure = try wrapping(path, "insecure-registries") {
                try texts.map(InsecureRule.init)
            }
        }
        if let (table, _) = try found({ $0.isOurs ? try $0.table("token-servers") : nil }) {
            tokenServers = table
        }
        if let (settings, _) = try found({ try $0.proxies() }) { proxies = settings }
        if let (texts, path) = try found({ $0.isOurs ? try $0.texts("certificate-folders") : nil })
        {
            if let text = texts.first(where: { !$0.hasPrefix("/") }) {
                throw ConfigurationError(path, "certificate-folders: \"\(text)\" is not absolute")
            }
            certificateFolders = texts.map { FilePath($0) }
        }
    }
}
