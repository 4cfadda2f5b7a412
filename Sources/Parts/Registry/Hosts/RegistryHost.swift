/// A registry as references name it, and where its API is.
package struct RegistryHost: Hashable, Sendable {
    /// `docker.io`, `localhost:5000`.
    package let name: String

    package init(_ name: String) { self.name = name }

    /// Host and port of the API. Docker Hub's is elsewhere.
    var authority: String { name == "docker.io" ? "registry-1.docker.io" : name }

    /// What users' credentials for the registry are filed under.
    package var credentialKey: String {
        name == "docker.io" ? "https://index.docker.io/v1/" : name
    }

    /// Whether it is this machine, the only place where plain http is spoken.
    package var isLoopback: Bool { isLoopbackHost(hostName(of: authority)) }

    /// The ways to speak to it, the first to be tried first.
    var schemes: [String] {
        isLoopback && !authority.hasSuffix(":443") ? ["http", "https"] : ["https"]
    }
}

/// `localhost`, 127.0.0.0/8 and ::1.
func isLoopbackHost(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers[0] == 127
}

/// A host without its port.
private func hostName(of authority: String) -> String {
    guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
        return authority
    }
    return String(authority[..<colon])
}
