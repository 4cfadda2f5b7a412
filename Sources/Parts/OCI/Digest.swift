/// A content address, `sha256:<64 lower-case hexadecimal digits>`. OCI image-spec, descriptor.md.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 64 digits alone; safe as a file name.
    package let hex: String

    package var description: String { "sha256:\(hex)" }

    /// Parses `sha256:…`; anything else, upper case and other algorithms too, is nil.
    package init?(_ text: String) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix) else { return nil }
        self.init(hex: String(text.dropFirst(prefix.count)))
    }

    /// Takes the 64 digits alone.
    package init?(hex: String) {
        let valid = hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard hex.utf8.count == 64, valid else { return nil }
        self.hex = hex
    }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a sha256 digest: \(text)")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
