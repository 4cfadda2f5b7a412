package import Addresses

extension IPAddress {
    /// The name under which the address is looked up: `2.0.18.172.in-addr.arpa` (RFC 1035, 3.5), or the
    /// digits of an IPv6 address one by one before `ip6.arpa` (RFC 3596, 2.5).
    package var reverseName: DomainName {
        let labels =
            switch self {
            case .v4(let address): address.bytes.reversed().map { String($0) } + ["in-addr"]
            case .v6(let address):
                address.bytes.reversed().flatMap { byte in
                    [byte & 15, byte >> 4].map { String($0, radix: 16) }
                } + ["ip6"]
            }
        guard let name = DomainName(labels: (labels + ["arpa"]).map { Array($0.utf8) })
        else { preconditionFailure("a few short labels are a name") }
        return name
    }
}
