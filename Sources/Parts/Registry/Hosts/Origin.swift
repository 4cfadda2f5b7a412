import FoundationEssentials

/// Scheme, host and port: who is spoken to. Secrets are for one origin.
struct Origin: Hashable {
    var scheme: String
    var host: String
    var port: Int

    /// Nil for what is not http or https, or has no host.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = url.host()?.lowercased(), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    var isLoopback: Bool { isLoopbackHost(host) }

    /// Whether what is sent there can be read only there.
    var isPrivate: Bool { scheme == "https" || isLoopback }
}
