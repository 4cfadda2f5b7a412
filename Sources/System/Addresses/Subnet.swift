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

extension Subnet {
    /// The addresses that a host may have: not the lowest, which means the network (in IPv6 any router of
    /// it), and in IPv4 not the highest, which means everybody. Empty where there is no room for two.
    package var hosts: Range<Address.Number> {
        guard hasRoom else { return base.number..<base.number }
        // No range of numbers goes beyond the last one.
        let isLast = Address.hasBroadcast || last.number == .max
        return base.number + 1..<(isLast ? last.number : last.number + 1)
    }

    /// The same, of either family.
    package var either: IPSubnet { Address.either(self) }

    /// Whether two hosts, a gateway and a container, have room in it.
    package var hasRoom: Bool { Int(prefixLength) <= Address.Number.bitWidth - 2 }

    /// Those hosts that are in a part of the subnet. The first is the gateway where none is asked for, as
    /// Docker has it.
    package func hosts(in part: Self?) -> Range<Address.Number> {
        guard let part else { return hosts }
        let upper = part.last.number == .max ? part.last.number : part.last.number + 1
        return hosts.clamped(to: part.base.number..<upper)
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
