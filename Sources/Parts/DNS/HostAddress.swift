/// An IPv4 address as an answer has it.
package struct HostAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four octets, first one first.
    package let octets: [UInt8]

    /// Takes the address as a number whose most significant octet is the first.
    package init(_ number: UInt32) {
        octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    package var description: String { octets.map { String($0) }.joined(separator: ".") }

    /// The name under which the address is looked up: `2.0.18.172.in-addr.arpa`. RFC 1035, 3.5.
    package var reverseName: DomainName {
        let labels = octets.reversed().map { Array(String($0).utf8) }
        guard let name = DomainName(labels: labels + ["in-addr", "arpa"].map { Array($0.utf8) })
        else { preconditionFailure("six short labels are a name") }
        return name
    }
}
