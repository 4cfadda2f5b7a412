extension JSONValue {
    /// What is wrong with a document, and in which line (counted from 1).
    struct Malformed: Error, CustomStringConvertible {
        var line: Int
        var reason: String
        var description: String { "line \(line): \(reason)" }
    }

    /// Reads a whole document, RFC 8259; an empty one counts as `{}`.
    init(parsing bytes: [UInt8]) throws(Malformed) {
        var reader = JSONReader(bytes: bytes)
        reader.skipSpace()
        guard !reader.isAtEnd else {
            self = .object([])
            return
        }
        self = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.malformed("something follows the document") }
    }
}

/// Takes a document apart from left to right.
private struct JSONReader {
    let bytes: [UInt8]
    var position = 0

    /// How deeply documents may nest.
    private static let depthLimit = 64

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }
    private var byte: UInt8? { isAtEnd ? nil : bytes[position] }

    func malformed(_ reason: String) -> JSONValue.Malformed {
        let line = bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
        return JSONValue.Malformed(line: line, reason: reason)
    }

    mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    mutating func value(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        guard depth < Self.depthLimit else { throw malformed("nested too deeply") }
        guard let byte else { throw malformed("it ends too early") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw malformed("a value is expected")
        }
    }

    private mutating func take(_ wanted: Character) -> Bool {
        skipSpace()
        guard byte == wanted.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func object(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        var members: [JSONValue.Member] = []
        position += 1
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else {
                throw malformed("a name in quotes is expected")
            }
            let name = try string()
            guard take(":") else { throw malformed("\":\" is expected") }
            skipSpace()
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw malformed("\",\" or \"}\" is expected") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        var elements: [JSONValue] = []
        position += 1
        if take("]") { return .array([]) }
        repeat {
            skipSpace()
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw malformed("\",\" or \"]\" is expected") }
        return .array(elements)
    }

    private mutating func word(
        _ word: String,
        _ value: JSONValue
    ) throws(JSONValue.Malformed) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else {
            throw malformed("a value is expected")
        }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let start = position
        while let byte, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(digits) != nil else { throw malformed("\"\(digits)\" is no number") }
        return .number(digits)
    }

    private mutating func string() throws(JSONValue.Malformed) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else {
                    throw malformed("a text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
            case 0..<0x20: throw malformed("a text goes over the end of its line")
            default: text.append(byte)
            }
        }
        throw malformed("a text that does not end")
    }

    private mutating func escape() throws(JSONValue.Malformed) -> Unicode.Scalar {
        guard let byte else { throw malformed("a text that does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            let first = try fourDigits()
            if let scalar = Unicode.Scalar(first) { return scalar }
            // The first half of a pair; its second must follow.
            guard (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: [0x5C, 0x75])
            else { throw malformed("half a character") }
            position += 2
            let second = try fourDigits()
            guard (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw malformed("half a character") }
            return scalar
        default: throw malformed("an unknown escape in a text")
        }
    }

    private mutating func fourDigits() throws(JSONValue.Malformed) -> UInt32 {
        let end = min(position + 4, bytes.count)
        let digits = String(decoding: bytes[position..<end], as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
            let number = UInt32(digits, radix: 16)
        else { throw malformed("an unknown escape in a text") }
        position = end
        return number
    }
}
