/// An IPv4 address.
package struct IPv4Address: Hashable, Sendable {
    /// The address as a number; the first octet is the most significant.
    package var number: UInt32

    package init(_ number: UInt32) { self.number = number }

    /// `0.0.0.0`: every address of the host.
    package static let any = IPv4Address(0)

    /// The four octets, first one first, as they travel.
    package var bytes: [UInt8] { number.bigEndianBytes }

    /// Takes the four octets as they travel; nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        self.init(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Whether this is one of 127.0.0.0/8.
    package var isLoopback: Bool { number >> 24 == 127 }
}

extension IPv4Address: LosslessStringConvertible {
    /// Takes four decimal numbers and nothing else: no leading zeros (they would be octal to some),
    /// no missing parts, no spaces.
    package init?(_ description: String) {
        let parts = description.utf8.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let octet = Decimal.read(part, atMost: 255) else { return nil }
            number = number << 8 | octet
        }
        self.init(number)
    }

    package var description: String { bytes.map { String($0) }.joined(separator: ".") }
}

extension IPv4Address: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension IPv4Address: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = IPv4Address(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not an IPv4 address: \(text)"
            )
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
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

extension FixedWidthInteger {
    /// The bytes, most significant first.
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { [UInt8]($0) } }
}
