/// A content address, `sha256:<64 lower-case hexadecimal digits>`. OCI image-spec, descriptor.md.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 64 digits alone; safe as a file name.
    package let hex: String

    package var description: String { "sha256:\(hex)" }

    /// The twelve digits that listings show.
    package var short: String { String(hex.prefix(12)) }

    /// Parses `sha256:…`; anything else, upper case and other algorithms too, is nil.
    package init?(_ text: String) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix) else { return nil }
        self.init(hex: String(text.dropFirst(prefix.count)))
    }

    /// Takes the 64 digits alone.
    package init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(isLowerHexDigit) else { return nil }
        self.hex = hex
    }

    /// Takes the 32 bytes of a SHA-256.
    init(raw: [UInt8]) {
        precondition(raw.count == 32, "a SHA-256 has 32 bytes")
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in raw {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        hex = String(decoding: text, as: UTF8.self)
    }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

extension Digest {
    /// Parses a digest and says what is wrong with one that cannot be used.
    package init(parsing text: String) throws(OCIError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, Digest.isAlgorithm(parts[0].utf8), !parts[1].isEmpty else {
            throw OCIError(subject: text, .invalidDigest)
        }
        let lengths: [Substring: Int] = ["sha256": 64, "sha384": 96, "sha512": 128]
        guard let length = lengths[parts[0]] else {
            throw OCIError(subject: text, .unsupportedDigestAlgorithm)
        }
        guard parts[1].utf8.count == length else {
            throw OCIError(subject: text, .invalidDigestLength)
        }
        guard parts[1].utf8.allSatisfy(isLowerHexDigit) else {
            throw OCIError(subject: text, .invalidDigest)
        }
        guard let digest = Digest(text) else {
            throw OCIError(subject: text, .unsupportedDigestAlgorithm)
        }
        self = digest
    }

    /// `component [separator component]…`, lower case, as descriptor.md writes it.
    private static func isAlgorithm(_ text: Substring.UTF8View) -> Bool {
        var afterSeparator = true
        for byte in text {
            switch byte {
            case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                if afterSeparator { return false }
                afterSeparator = true
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                afterSeparator = false
            default: return false
            }
        }
        return !afterSeparator
    }
}

func isLowerHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte)
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
