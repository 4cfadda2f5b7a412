import FoundationEssentials

/// A server that requests go through: `http://user:password@proxy:3128`, `https://proxy`,
/// `socks5://proxy`.
package struct Proxy: Hashable, Sendable {
    /// How the proxy is spoken to.
    package enum Kind: Hashable, Sendable { case http, https, socks5 }

    package let kind: Kind
    /// An IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// For the proxy itself, never for who is behind it.
    package let credentials: Credentials?

    struct Invalid: Error, CustomStringConvertible { var description: String }

    /// Reads a value of HTTPS_PROXY; without a scheme it is http.
    package init(_ text: String) throws {
        let written = text.contains("://") ? text : "http://\(text)"
        guard let url = URL(string: written), let scheme = url.scheme?.lowercased(),
            var host = url.host(), !host.isEmpty
        else { throw Invalid(description: "the address of the proxy is not valid") }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        switch scheme {
        case "http": kind = .http
        case "socks5", "socks5h": kind = .socks5
        case "https": kind = .https
        default: throw Invalid(description: "proxies of kind \(scheme):// are not supported")
        }
        self.host = host
        port = url.port ?? Self.usualPort(kind)
        let name = url.user(percentEncoded: false)
        credentials = name.map {
            .password(username: $0, password: url.password(percentEncoded: false) ?? "")
        }
        if kind == .socks5, credentials != nil {
            throw Invalid(description: "socks5 proxies with a password are not supported")
        }
    }

    private static func usualPort(_ kind: Kind) -> Int {
        switch kind {
        case .http: 80
        case .https: 443
        case .socks5: 1080
        }
    }
}

extension Proxy: CustomStringConvertible {
    /// Never the password.
    package var description: String {
        Authority(host: host, port: port).text
    }
}
