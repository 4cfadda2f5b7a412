/// What is searched for, and where: `redis`, `localhost:5000/app`.
package struct SearchTerm: Hashable, Sendable {
    package let host: RegistryHost
    /// Empty for everything.
    package let text: String

    /// What stands before the first slash is a registry if it looks like a host, as in references.
    package init(_ written: String) {
        let parts = written.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2,
            parts[0].contains(".") || parts[0].contains(":") || parts[0] == "localhost"
        {
            host = RegistryHost(server: String(parts[0]))
            text = String(parts[1])
        } else {
            host = RegistryHost(server: nil)
            text = written
        }
    }
}

/// A repository that a search found.
package struct SearchResult: Hashable, Sendable {
    /// As it is to be pulled: with its registry, unless that is Docker Hub.
    package var name: String
    package var description = ""
    package var stars = 0
    package var isOfficial = false
    package var isAutomated = false
}

/// What a search gave.
package struct SearchAnswer: Hashable, Sendable {
    package var results: [SearchResult]
    /// Whether the registry knows no search, and this is from the list of its repositories.
    package var isCatalog: Bool
}
