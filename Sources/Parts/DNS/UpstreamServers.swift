/// The servers that a host's `resolv.conf` names. resolv.conf(5).
package enum UpstreamServers {
    /// resolv.conf(5) `MAXNS`.
    package static let atMost = 3

    /// The IPv4 addresses of the `nameserver` lines, in order, as written. Loopback addresses stay:
    /// queries are sent from the host, where they lead to its own resolver.
    package static func parse(resolvConf text: String) -> [String] {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver", !words[1].contains(":") else {
                return nil
            }
            return String(words[1])
        }
        return Array(servers.prefix(atMost))
    }
}
