extension ImageReference {
    /// Whether a pattern of `--filter reference=` names this image: matched against the familiar
    /// name, with and without the tag. `*`, `?` and `[…]` stay within one path component, as in
    /// Go's path.Match.
    package func matches(pattern: String) -> Bool {
        let pattern = Array(pattern.utf8)
        return Self.glob(pattern[...], Array(familiar.utf8)[...])
            || Self.glob(pattern[...], Array(familiarName.utf8)[...])
    }

    private static func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "*"):
            let after = rest.drop { $0 == UInt8(ascii: "*") }
            var tail = text
            while true {
                if glob(after, tail) { return true }
                guard let byte = tail.first, byte != UInt8(ascii: "/") else { return false }
                tail = tail.dropFirst()
            }
        case UInt8(ascii: "?"):
            guard let byte = text.first, byte != UInt8(ascii: "/") else { return false }
            return glob(rest, text.dropFirst())
        case UInt8(ascii: "["):
            guard let byte = text.first, byte != UInt8(ascii: "/"),
                let (matched, after) = classMatch(rest, byte), matched
            else { return false }
            return glob(after, text.dropFirst())
        case UInt8(ascii: "\\"):
            guard let literal = rest.first, literal == text.first else { return false }
            return glob(rest.dropFirst(), text.dropFirst())
        default:
            return first == text.first && glob(rest, text.dropFirst())
        }
    }

    /// Reads a class after its `[`; nil when it never closes.
    private static func classMatch(
        _ pattern: ArraySlice<UInt8>,
        _ byte: UInt8
    ) -> (matched: Bool, rest: ArraySlice<UInt8>)? {
        var rest = pattern
        let negated = rest.first == UInt8(ascii: "^")
        if negated { rest = rest.dropFirst() }
        var matched = false
        var isFirst = true
        while let low = rest.first {
            rest = rest.dropFirst()
            if low == UInt8(ascii: "]"), !isFirst { return (matched != negated, rest) }
            isFirst = false
            var high = low
            if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first,
                end != UInt8(ascii: "]")
            {
                high = end
                rest = rest.dropFirst(2)
            }
            if low <= high, (low...high).contains(byte) { matched = true }
        }
        return nil
    }
}
