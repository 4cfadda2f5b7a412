import Addresses

extension IPAddress {
    /// An address as a host is written: an IPv6 one may stand in brackets, and IPv4 inside IPv6
    /// counts as IPv4. nil for a name.
    init?(host: some StringProtocol) {
        var text = host[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        guard let address = IPAddress(String(text)) else { return nil }
        self = address.unmapped
    }
}
