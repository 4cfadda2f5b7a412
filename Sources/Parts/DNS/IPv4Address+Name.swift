package import Addresses

extension IPv4Address {
    /// The name under which the address is looked up: `2.0.18.172.in-addr.arpa`. RFC 1035, 3.5.
    package var reverseName: DomainName {
        let labels = bytes.reversed().map { Array(String($0).utf8) }
        guard let name = DomainName(labels: labels + ["in-addr", "arpa"].map { Array($0.utf8) })
        else { preconditionFailure("six short labels are a name") }
        return name
    }
}
