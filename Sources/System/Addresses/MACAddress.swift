import TextForms

/// A link-layer address of six bytes.
package struct MACAddress: Hashable, Sendable, CodableAsText {
    /// Six bytes, as they travel.
    package let bytes: [UInt8]

    package static let kindOfText = "MAC address"

    /// Takes six bytes; nil for another count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 6 else { return nil }
        self.bytes = bytes
    }

    /// The address Docker gives to the holder of an IPv4 address: `02:42` and its four octets.
    /// It is locally administered, and whoever inherits the IPv4 address inherits the neighbours'
    /// caches with it.
    package init(for address: IPv4Address) { bytes = [0x02, 0x42] + address.bytes }

    /// The same for a holder of an IPv6 address alone: the two halves of its last eight bytes as one,
    /// so that addresses that are counted up, and most that are chosen, differ in it.
    package init(for address: IPv6Address) {
        let identifier = UInt64(truncatingIfNeeded: address.number)
        let folded = UInt32(truncatingIfNeeded: identifier ^ identifier >> 32)
        bytes = [0x02, 0x42] + folded.bigEndianBytes
    }

    /// What follows from the addresses of a link: its IPv4 address, or else its IPv6 address.
    package init(for addresses: [IPAddress]) {
        if addresses.ipv4 == nil, let address = addresses.ipv6 {
            self.init(for: address)
        } else {
            self.init(for: addresses.ipv4 ?? .any)
        }
    }

    /// Takes six pairs of hexadecimal digits with colons or dashes between them.
    package init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count == 17, let separator = text.dropFirst(2).first,
            separator == UInt8(ascii: ":") || separator == UInt8(ascii: "-")
        else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: 17, by: 3) {
            guard start == 0 || text[start - 1] == separator,
                let high = Self.digit(text[start]), let low = Self.digit(text[start + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// `02:42:ac:12:00:02`.
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
