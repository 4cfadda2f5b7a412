/// A range of IPv4 addresses that share their first bits (`172.18.0.0/16`).
package struct IPv4Subnet: Hashable, Sendable {
    /// The lowest address; the bits after the prefix are zero.
    package let base: IPv4Address
    /// Number of leading bits that are shared, 0 to 32.
    package let prefixLength: UInt8

    /// The subnet of that size around an address.
    package init(around address: IPv4Address, prefixLength: UInt8) {
        precondition(prefixLength <= 32, "an IPv4 prefix has at most 32 bits")
        self.prefixLength = prefixLength
        base = IPv4Address(address.number & Self.mask(prefixLength))
    }

    /// All ones in the shared bits.
    static func mask(_ prefixLength: UInt8) -> UInt32 {
        prefixLength == 0 ? 0 : UInt32.max << (32 - UInt32(prefixLength))
    }

    /// The highest address: the broadcast address of the link.
    package var last: IPv4Address { IPv4Address(base.number | ~Self.mask(prefixLength)) }

    /// The addresses that a host may have: neither the lowest nor the highest, which mean the
    /// network and everybody on it. Empty for /31 and /32.
    package var hosts: Range<UInt32> {
        prefixLength > 30 ? base.number..<base.number : base.number + 1..<last.number
    }

    package func contains(_ address: IPv4Address) -> Bool {
        address.number & Self.mask(prefixLength) == base.number
    }

    /// Whether every address of the other is also one of this.
    package func contains(_ other: IPv4Subnet) -> Bool {
        prefixLength <= other.prefixLength && contains(other.base)
    }

    package func overlaps(_ other: IPv4Subnet) -> Bool {
        contains(other) || other.contains(self)
    }
}

extension IPv4Subnet: LosslessStringConvertible {
    /// Takes `address/bits`. Bits of the address after the prefix are cleared, as Docker does.
    package init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(String(parts[0])),
            let bits = Decimal.read(parts[1].utf8, atMost: 32)
        else { return nil }
        self.init(around: address, prefixLength: UInt8(bits))
    }

    package var description: String { "\(base)/\(prefixLength)" }
}

extension IPv4Subnet: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let subnet = IPv4Subnet(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not an IPv4 subnet: \(text)"
            )
        }
        self = subnet
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
