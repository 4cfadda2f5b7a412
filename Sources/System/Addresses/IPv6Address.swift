import TextForms

/// An IPv6 address without a zone: a zone means nothing outside the machine it was written on.
package struct IPv6Address: AddressNumber {
    /// Two halves, because swiftc 6.3.1 puts an enum that holds a `UInt128` on the stack without
    /// regard to its alignment, and the program crashes.
    private var high: UInt64
    private var low: UInt64

    package init(_ number: UInt128) {
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
    }

    package var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    package static let family = "IPv6"
    package static let hasBroadcast = false

    /// The address where it is of this family; nil where it is not.
    package init?(either address: IPAddress) {
        guard case .v6(let address) = address else { return nil }
        self = address
    }

    /// The same as an address of either family.
    package var either: IPAddress { .v6(self) }
    /// The same range as one of either family.
    package static func either(_ subnet: IPv6Subnet) -> IPSubnet { .v6(subnet) }

    /// `::`: every address of the host.
    package static let any = IPv6Address(0)

    /// `::1`.
    package var isLoopback: Bool { number == 1 }

    /// The address that a link gives itself from its link-layer address (RFC 4291, appendix A).
    package init(linkLocalOf mac: MACAddress) {
        let bytes = mac.bytes
        let identifier = [bytes[0] ^ 2] + bytes[1...2] + [0xff, 0xfe] + bytes[3...5]
        self.init(0xfe80 << 112 | identifier.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// Whether this is one of fe80::/10, addresses of one link.
    package var isLinkLocal: Bool { number >> 118 == 0xfe80 >> 6 }

    /// The IPv4 address that one of ::ffff:0:0/96 stands for (RFC 4291, 2.5.5.2).
    package var mapped: IPv4Address? {
        number >> 32 == 0xffff ? IPv4Address(UInt32(truncatingIfNeeded: number)) : nil
    }

    /// The eight groups of sixteen bits, first one first.
    private var groups: [UInt16] {
        stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: number >> $0) }
    }
}

extension IPv6Address {
    /// Takes what RFC 4291, 2.2 allows: eight groups of up to four hexadecimal digits, one `::` for
    /// any number of zero groups, and an IPv4 address for the last two groups. No brackets, no zone.
    package init?(_ description: String) {
        let text = description.utf8
        guard text.count <= 45 else { return nil }
        guard let gap = Self.gap(in: text) else {
            guard let groups = Self.groups(text[...]), groups.count == 8 else { return nil }
            self.init(groups: groups)
            return
        }
        let front = text[..<gap]
        let back = text[text.index(gap, offsetBy: 2)...]
        guard let left = front.isEmpty ? [] : Self.groups(front, mayEndInIPv4: false),
            let right = back.isEmpty ? [] : Self.groups(back), left.count + right.count < 8
        else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - left.count - right.count)
        self.init(groups: left + zeros + right)
    }

    private init(groups: [UInt16]) {
        self.init(groups.reduce(0) { $0 << 16 | UInt128($1) })
    }

    /// Where `::` stands first.
    private static func gap(in text: String.UTF8View) -> String.Index? {
        text.indices.first { index in text[index...].starts(with: "::".utf8) }
    }

    /// Groups with a colon between each two.
    private static func groups(
        _ text: Substring.UTF8View,
        mayEndInIPv4: Bool = true
    ) -> [UInt16]? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let number = IPv4Address.read(part) else { return nil }
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
                continue
            }
            // A sign would pass as part of a number.
            guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"),
                part.first != UInt8(ascii: "-"), let group = UInt16(Substring(part), radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }

    /// As RFC 5952 has it: lower case, the longest run of two or more zero groups shortened (the
    /// first of equally long ones), IPv4 behind ::ffff: with dots.
    package var description: String {
        if let mapped { return "::ffff:\(mapped)" }
        let groups = self.groups
        let texts = groups.map { String($0, radix: 16) }
        guard let run = Self.longestRunOfZeros(groups) else { return texts.joined(separator: ":") }
        return texts[..<run.lowerBound].joined(separator: ":") + "::"
            + texts[run.upperBound...].joined(separator: ":")
    }

    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<index + 1 }
        }
        return longest.count > 1 ? longest : nil
    }
}
