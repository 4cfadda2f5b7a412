import Addresses
import FoundationEssentials

/// Which requests go through which proxy. The rules are those of Go's `httpproxy` package, which
/// docker and podman follow: HTTP_PROXY, HTTPS_PROXY, NO_PROXY in either case, upper case first.
package struct ProxySettings: Hashable, Sendable {
    /// For addresses with `http:`.
    package var http: String?
    package var https: String?
    /// Hosts that are reached directly, separated by commas.
    package var exceptions: String = ""

    package init() {}

    package init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            [environment[name], environment[name.lowercased()]]
                .compactMap { $0 }.first { !$0.isEmpty }
        }
        http = value("HTTP_PROXY")
        https = value("HTTPS_PROXY")
        exceptions = value("NO_PROXY") ?? ""
    }

    /// The proxy on the way to an origin; nil for the direct way.
    func proxy(for origin: Origin) throws -> Proxy? {
        guard let text = origin.scheme == "https" ? https : http, !text.isEmpty,
            !isDirect(host: origin.host, port: origin.port)
        else { return nil }
        return try Proxy(text)
    }

    /// This machine is always reached directly.
    func isDirect(host: String, port: Int) -> Bool {
        if Authority(host: host, port: nil).isLoopback { return true }
        let address = IPAddress(host: host)
        return exceptions.split(separator: ",").contains { entry in
            let entry = entry.trimmingPrefix { $0 == " " }.lowercased()
            return Self.matches(
                String(entry.reversed().drop { $0 == " " }.reversed()),
                host: host,
                address: address,
                port: port
            )
        }
    }

    private static func matches(
        _ entry: String,
        host: String,
        address: IPAddress?,
        port: Int
    ) -> Bool {
        if entry == "*" { return true }
        if let network = IPSubnet(entry) { return address.map(network.contains) ?? false }
        guard let rule = Authority(entry) else {
            return IPAddress(host: entry).map { $0 == address } ?? false
        }
        if let wanted = rule.port, wanted != port { return false }
        if let single = IPAddress(host: rule.host) { return single == address }
        var name = rule.host[...]
        if name.hasPrefix("*.") { name = name.dropFirst() }
        if name.hasPrefix(".") { return host.hasSuffix(name) }
        return host == name || host.hasSuffix(".\(name)")
    }
}
