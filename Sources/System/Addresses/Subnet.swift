import TextForms

/// A range of IPv4 addresses that share their first bits: `172.18.0.0/16`.
package typealias IPv4Subnet = Subnet<IPv4Address>

/// A range of IPv6 addresses that share their first bits: `fd00::/8`.
package typealias IPv6Subnet = Subnet<IPv6Address>

/// A range of addresses that share their first bits.
package struct Subnet<Address: AddressNumber>: Hashable, Sendable {
    /// The lowest address; the bits after the prefix are zero.
    package let base: Address
    /// Number of leading bits that are shared: 0 to 32, or to 128.
    package let prefixLength: UInt8

    /// The subnet of that size around an address.
    package init(around address: Address, prefixLength: UInt8) {
        precondition(
            prefixLength <= Address.Number.bitWidth,
            "a prefix has no more bits than the address"
        )
        self.prefixLength = prefixLength
        base = Address(address.number & Self.mask(prefixLength))
    }

    /// All ones in the shared bits.
    private static func mask(_ prefixLength: UInt8) -> Address.Number {
        // A shift by the whole width gives 0.
        .max << (Address.Number.bitWidth - Int(prefixLength))
    }

    /// The highest address; in IPv4 the broadcast address of the link.
    package var last: Address { Address(base.number | ~Self.mask(prefixLength)) }

    /// Whether an address lies in the subnet.
    package func contains(_ address: Address) -> Bool {
        address.number & Self.mask(prefixLength) == base.number
    }

    /// Whether every address of the other is also one of this.
    package func contains(_ other: Self) -> Bool {
        prefixLength <= other.prefixLength && contains(other.base)
    }

    /// Whether any address lies in both; subnets overlap only by one containing the other.
    package func overlaps(_ other: Self) -> Bool { contains(other) || other.contains(self) }
}

extension Subnet where Address == IPv4Address {
    /// The addresses that a host may have: neither the lowest nor the highest, which mean the
    /// network and everybody on it. Empty for /31 and /32.
    package var hosts: Range<UInt32> {
        prefixLength > 30 ? base.number..<base.number : base.number + 1..<last.number
    }

    /// Those of them in a part of the subnet. The first is the gateway where none is asked for, as
    /// Docker has it.
    package func hosts(in part: Self?) -> Range<UInt32> {
        guard let part else { return hosts }
        let upper = UInt64(part.last.number) + 1
        return hosts.clamped(to: part.base.number..<UInt32(clamping: upper))
    }
}

extension Subnet: CodableAsText {
    package static var kindOfText: String { "\(Address.family) subnet" }

    /// Takes `address/bits`. Bits of the address after the prefix are cleared, as Docker does.
    package init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Address(String(parts[0])),
            let bits = Decimal.read(parts[1].utf8, atMost: UInt32(Address.Number.bitWidth))
        else { return nil }
        self.init(around: address, prefixLength: UInt8(bits))
    }

    package var description: String { "\(base)/\(prefixLength)" }
}
