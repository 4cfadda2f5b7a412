import FoundationEssentials

/// Scheme, host and port: who is spoken to. Secrets are for one origin.
struct Origin: Hashable {
    var scheme: String
    /// Lower case; an IPv6 address without its brackets.
    var host: String
    var port: Int

    /// Nil for what is not http or https, or has no host.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            var host = url.host()?.lowercased(), !host.isEmpty
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }

    var isLoopback: Bool { authority.isLoopback }

    /// As it is written: without the port that the scheme implies.
    var authority: Authority {
        Authority(host: host, port: port == (scheme == "https" ? 443 : 80) ? nil : port)
    }
}
