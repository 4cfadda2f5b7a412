/// The grammar of references, `[domain/]path[:tag][@digest]`, without Docker Hub's defaults.
/// distribution/reference, reference.go and regexp.go.
package struct ReferenceGrammar: Hashable, Sendable {
    /// `registry.example:5000`; nil when the name has none.
    package var domain: String?
    package var path: String
    package var tag: String?
    /// Well-formed, not yet known to be of a supported algorithm.
    package var digest: String?

    /// The longest path that registries accept.
    static let maximumPathLength = 255

    /// Domain and path.
    package var name: String { domain.map { "\($0)/\(path)" } ?? path }

    /// Splits a text by the strict grammar; `test.com:5000` is a name with a tag.
    package init(parsing text: String) throws(OCIError) {
        guard !text.isEmpty else { throw OCIError(subject: text, .emptyName) }
        guard let parts = ReferenceGrammar(splitting: text) else {
            if ReferenceGrammar(splitting: text.lowercased()) != nil {
                throw OCIError(subject: text, .upperCaseName(text))
            }
            throw OCIError(subject: text, .invalidReference)
        }
        guard parts.path.utf8.count <= Self.maximumPathLength else {
            throw OCIError(subject: text, .nameTooLong)
        }
        self = parts
    }

    private init?(splitting text: String) {
        var rest = text[...]
        if let at = rest.firstIndex(of: "@") {
            let digest = rest[rest.index(after: at)...]
            guard Self.isDigest(digest.utf8) else { return nil }
            self.digest = String(digest)
            rest = rest[..<at]
        }
        let name = rest
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let tag = rest[rest.index(after: colon)...]
            guard Self.isTag(tag.utf8) else { return nil }
            self.tag = String(tag)
            rest = name[..<colon]
        }
        let components = rest.split(separator: "/", omittingEmptySubsequences: false)
        if components.count > 1, Self.isDomain(components[0].utf8) {
            guard components.dropFirst().allSatisfy({ Self.isPathComponent($0.utf8) }) else {
                return nil
            }
            domain = String(components[0])
            path = components.dropFirst().joined(separator: "/")
        } else {
            guard components.allSatisfy({ Self.isPathComponent($0.utf8) }) else { return nil }
            path = String(rest)
        }
    }
}

extension ReferenceGrammar {
    /// Letters and digits in groups joined by one `.`, `_`, `__` or any number of `-`; lower case.
    static func isPathComponent(_ text: Substring.UTF8View) -> Bool {
        var separator: [UInt8] = []
        var started = false
        for byte in text {
            guard !isLowerAlphanumeric(byte) else {
                guard separator.isEmpty || (started && isSeparator(separator)) else { return false }
                separator = []
                started = true
                continue
            }
            separator.append(byte)
        }
        return started && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
        default: bytes.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    /// Dot-joined labels or a bracketed IPv6 address, and perhaps a port.
    package static func isDomain(_ text: Substring.UTF8View) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: UInt8(ascii: ":")),
            !text[colon...].contains(UInt8(ascii: "]"))
        {
            let port = text[text.index(after: colon)...]
            guard !port.isEmpty, port.allSatisfy(isDigit) else { return false }
            host = text[..<colon]
        }
        if host.first == UInt8(ascii: "[") {
            let address = host.dropFirst().dropLast()
            return host.last == UInt8(ascii: "]") && !address.isEmpty
                && address.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
        }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// At most 128 of letters, digits, `_`, `.`, `-`, the first not `.` or `-`.
    package static func isTag(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, text.count <= 128 else { return false }
        return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && text.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }
    }

    /// `algorithm:hex`, at least 32 digits.
    static func isDigest(_ text: Substring.UTF8View) -> Bool {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let hex = text[text.index(after: colon)...]
        guard hex.count >= 32, hex.allSatisfy(isHexDigit) else { return false }
        let separators = Set("-_+.".utf8)
        let words = text[..<colon].split(
            omittingEmptySubsequences: false,
            whereSeparator: { separators.contains($0) }
        )
        return words.allSatisfy { word in
            guard let first = word.first else { return false }
            return isLetter(first) && word.allSatisfy(isAlphanumeric)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...122).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte | 0x20)
    }
}
