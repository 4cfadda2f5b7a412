extension JSONValue {
    /// What is wrong with a document, and in which line (counted from 1).
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var line: Int
        package var reason: String

        package init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }

        package var description: String { "line \(line): \(reason)" }
    }

    /// Reads a whole document, RFC 8259; arrays and objects nest at most 64 deep.
    package init(parsing bytes: [UInt8]) throws(Malformed) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.malformed("something follows the document") }
    }
}

/// Takes a document apart from left to right.
private struct JSONReader {
    let bytes: [UInt8]
    var position = 0

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

    /// The value that comes next, white space before it left out.
    mutating func value(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        guard depth < Self.depthLimit else { throw malformed("the document nests too deeply") }
        skipSpace()
        guard let byte else { throw malformed("the document ends too early") }
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
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw malformed("\",\" or \"}\" is expected") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONValue.Malformed) -> JSONValue {
        var elements: [JSONValue] = []
        position += 1
        if take("]") { return .array([]) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
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

    /// `-`, digits without a zero in front, a fraction, an exponent.
    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        let startsWithZero = byte == UInt8(ascii: "0")
        let whole = digits()
        var isValid = whole == 1 || whole > 1 && !startsWithZero
        if byte == UInt8(ascii: ".") {
            position += 1
            isValid = digits() > 0 && isValid
        }
        if let letter = byte, letter | 0x20 == UInt8(ascii: "e") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            isValid = digits() > 0 && isValid
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard isValid else { throw malformed("\"\(text)\" is not a valid number") }
        return .number(text)
    }

    /// Passes over digits, and says how many.
    private mutating func digits() -> Int {
        let start = position
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(JSONValue.Malformed) -> String {
        let start = position + 1
        guard let end = closingQuote(from: start) else { throw malformed("a string is not closed") }
        let written = bytes[start...end]
        guard written.allSatisfy({ $0 >= 0x20 }) else {
            throw malformed("a string goes over the end of its line")
        }
        guard let read = written.withUnsafeBufferPointer({ JSONString.unescape($0, from: 0) })
        else {
            throw malformed("a string has an unknown escape")
        }
        guard let text = String(validating: read.bytes, as: UTF8.self) else {
            throw malformed("a string is not UTF-8")
        }
        position = end + 1
        return text
    }

    private func closingQuote(from start: Int) -> Int? {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index < bytes.count ? index : nil
    }
}
