/// The exec form of an instruction: a JSON array of strings, and nothing else.
package enum JSONForm {
    /// The strings of `text`, nil when it is anything but an array of strings.
    package static func strings(of text: String) -> [String]? {
        var scanner = JSONScanner(text)
        guard scanner.take("["), let strings = scanner.strings(), scanner.isAtEnd else {
            return nil
        }
        return strings
    }

    /// The string under `key` of a document that is one object.
    static func member(_ key: String, of text: String) -> String? {
        var scanner = JSONScanner(text)
        guard scanner.take("{") else { return nil }
        var found: String?
        if !scanner.take("}") {
            repeat {
                guard let name = scanner.string(), scanner.take(":") else { return nil }
                if name == key, scanner.peek == ASCII.quote {
                    found = scanner.string()
                    if found == nil { return nil }
                } else if !scanner.skipValue(depth: 0) {
                    return nil
                }
            } while scanner.take(",")
            guard scanner.take("}") else { return nil }
        }
        return scanner.isAtEnd ? found : nil
    }
}

/// As much of RFC 8259 as the exec form needs.
private struct JSONScanner {
    private let text: [UInt8]
    private var position = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    /// The next byte that is not white space.
    var peek: UInt8? {
        mutating get {
            skipBlanks()
            return position < text.count ? text[position] : nil
        }
    }

    var isAtEnd: Bool { mutating get { peek == nil } }

    private mutating func skipBlanks() {
        while position < text.count, [9, 10, 13, 32].contains(text[position]) { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Members of an array whose bracket has been taken, and the closing bracket.
    mutating func strings() -> [String]? {
        var result: [String] = []
        if take("]") { return result }
        repeat {
            guard let string = string() else { return nil }
            result.append(string)
        } while take(",")
        return take("]") ? result : nil
    }

    mutating func string() -> String? {
        guard take("\"") else { return nil }
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case ASCII.quote: return String(decoding: bytes, as: UTF8.self)
            case ASCII.backslash:
                guard let escaped = escape() else { return nil }
                bytes.append(contentsOf: escaped)
            case 0..<32: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> [UInt8]? {
        guard position < text.count else { return nil }
        let byte = text[position]
        position += 1
        switch byte {
        case ASCII.quote, ASCII.backslash, ASCII.slash: return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal() else { return nil }
            var units = [unit]
            let rest = text[position...]
            if (0xD800..<0xDC00).contains(unit), rest.starts(with: [ASCII.backslash, 117]) {
                let back = position
                position += 2
                if let low = hexadecimal(), (0xDC00..<0xE000).contains(low) {
                    units.append(low)
                } else {
                    position = back
                }
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: return nil
        }
    }

    private mutating func hexadecimal() -> UInt16? {
        guard position + 4 <= text.count else { return nil }
        let digits = text[position..<(position + 4)]
        position += 4
        guard digits.allSatisfy({ ASCII.isDigit($0) || ASCII.isLetter($0) }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// Passes over any value; the numbers' grammar is not checked.
    mutating func skipValue(depth: Int) -> Bool {
        guard depth < 64, let first = peek else { return false }
        switch first {
        case ASCII.quote: return string() != nil
        case UInt8(ascii: "["):
            position += 1
            if take("]") { return true }
            repeat { guard skipValue(depth: depth + 1) else { return false } } while take(",")
            return take("]")
        case UInt8(ascii: "{"):
            position += 1
            if take("}") { return true }
            repeat {
                guard string() != nil, take(":"), skipValue(depth: depth + 1) else { return false }
            } while take(",")
            return take("}")
        default:
            let start = position
            while position < text.count,
                ASCII.isLetter(text[position]) || ASCII.isDigit(text[position])
                    || [43, 45, 46].contains(text[position])
            {
                position += 1
            }
            return position > start
        }
    }
}
