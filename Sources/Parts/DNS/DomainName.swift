/// A domain name: labels of bytes, compared without regard to the case of ASCII letters.
/// RFC 1035 sections 2.3 and 3.1, RFC 4343.
package struct DomainName: Hashable, Sendable {
    /// As written, the root's empty label left out.
    package let labels: [[UInt8]]
    /// Lower-case, for comparing.
    private let folded: [[UInt8]]

    /// Longest label, and longest name with its length bytes and the root.
    package static let longestLabel = 63
    package static let longest = 255

    /// Takes labels; nil when one is empty or too long, or all together are.
    package init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...Self.longestLabel).contains($0.count) }),
            labels.reduce(1, { $0 + 1 + $1.count }) <= Self.longest
        else { return nil }
        self.labels = labels
        folded = labels.map { $0.map(Self.lowercase) }
    }

    /// Takes a name as people write it, with or without the dot at the end; nil when it is not valid.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        if bytes.isEmpty {
            self.init(labels: [])
        } else {
            let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            self.init(labels: labels.map { Array($0) })
        }
    }

    /// As it travels, without compression.
    package var encoded: [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }

    package static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension DomainName: CustomStringConvertible {
    /// With a dot at the end; bytes that are not printable as `\ddd`.
    package var description: String {
        guard !labels.isEmpty else { return "." }
        return labels.map { label in
            label.map { byte in
                switch byte {
                case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
                case 0x21...0x7e: String(UnicodeScalar(byte))
                default: "\\" + String(repeating: "0", count: 3 - "\(byte)".count) + "\(byte)"
                }
            }.joined() + "."
        }.joined()
    }
}
