import TextForms

/// An IPv4 address.
package struct IPv4Address: AddressNumber {
    package var number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package static let family = "IPv4"
    package static let hasBroadcast = true

    /// The address where it is of this family; nil where it is not.
    package init?(either address: IPAddress) {
        guard case .v4(let address) = address else { return nil }
        self = address
    }

    /// The same as an address of either family.
    package var either: IPAddress { .v4(self) }
    /// The same range as one of either family.
    package static func either(_ subnet: IPv4Subnet) -> IPSubnet { .v4(subnet) }

    /// `0.0.0.0`: every address of the host.
    package static let any = IPv4Address(0)

    /// Whether this is one of 127.0.0.0/8.
    package var isLoopback: Bool { number >> 24 == 127 }
}

extension IPv4Address {
    /// Takes four decimal numbers and nothing else: no leading zeros (they would be octal to some),
    /// no missing parts, no spaces.
    package init?(_ description: String) {
        guard let number = Self.read(description.utf8) else { return nil }
        self.init(number)
    }

    static func read(_ text: some Collection<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let octet = Decimal.read(part, atMost: 255) else { return nil }
            number = number << 8 | octet
        }
        return number
    }

    package var description: String { bytes.map { String($0) }.joined(separator: ".") }
}

/// Decimal numbers written the one canonical way.
enum Decimal {
    /// The number, or nil when it is empty, has a sign or a leading zero, or exceeds `limit`.
    static func read(_ digits: some Collection<UInt8>, atMost limit: UInt32) -> UInt32? {
        guard let first = digits.first, digits.count <= 9 else { return nil }
        if first == UInt8(ascii: "0"), digits.count > 1 { return nil }
        var number: UInt32 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
        }
        return number <= limit ? number : nil
    }
}
