/// Whether the host forwarded nothing before our first network of a family. Whoever makes networks
/// remembers it, since the firewall's own note of it goes when somebody flushes it.
package struct FormerForwarding: Hashable, Codable, Sendable {
    /// nil when nobody has looked yet.
    package var ipv4WasOff: Bool?
    /// nil when nobody has looked yet: there was no network with IPv6.
    package var ipv6WasOff: Bool?

    /// What is known; nothing, unless said.
    package init(ipv4WasOff: Bool? = nil, ipv6WasOff: Bool? = nil) {
        self.ipv4WasOff = ipv4WasOff
        self.ipv6WasOff = ipv6WasOff
    }
}
