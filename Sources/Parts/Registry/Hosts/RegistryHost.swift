/// A registry as references name it, and where its API is.
package struct RegistryHost: Hashable, Sendable {
    /// `docker.io`, `localhost:5000`.
    package let name: String

    package init(_ name: String) { self.name = name }

    /// What users call Docker Hub when they log in.
    private static let hubNames: Set<String> = [
        "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com",
    ]

    /// The registry that a user means on the command line: nothing, `localhost:5000`,
    /// `https://registry.example.com/v2/`.
    package init(server: String?) {
        let name = RegistryHost.hostName(ofKey: server ?? "")
        self.init(name.isEmpty || Self.hubNames.contains(name) ? "docker.io" : name)
    }

    /// The host in a key of docker's `auths`: no scheme, no path, lower case.
    static func hostName(ofKey key: some StringProtocol) -> String {
        var rest = key[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        return rest.prefix { $0 != "/" }.lowercased()
    }

    /// Whether a key of docker's `auths` or `credHelpers` stands for this registry.
    func isMeant(by key: String) -> Bool {
        RegistryHost(server: key) == RegistryHost(server: name)
    }

    /// Host and port of the API. Docker Hub's is elsewhere.
    var authority: String { name == "docker.io" ? "registry-1.docker.io" : name }

    /// What users' credentials for the registry are filed under.
    package var credentialKey: String {
        name == "docker.io" ? "https://index.docker.io/v1/" : name
    }

    /// Whether it is this machine, where plain http is spoken without being asked for.
    package var isLoopback: Bool { Authority(authority)?.isLoopback == true }
}
