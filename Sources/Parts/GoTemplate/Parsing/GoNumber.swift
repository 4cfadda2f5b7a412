/// Numbers and quoted texts as Go's source has them.
enum GoNumber {
    /// An integer in base 2, 8, 10 or 16, or a floating-point number; nil for anything else.
    static func value(_ text: String) -> GoValue? {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        guard let first = digits.utf8.first, (48...57).contains(first) || first == 46 else {
            return nil
        }
        let lowered = digits.lowercased()
        let bases: [(String, Int)] = [("0x", 16), ("0b", 2), ("0o", 8)]
        var base = 10
        var body = lowered
        if let found = bases.first(where: { lowered.hasPrefix($0.0) }) {
            base = found.1
            body = String(lowered.dropFirst(2))
        } else if lowered.count > 1, lowered.hasPrefix("0"),
            lowered.allSatisfy({ $0.isNumber || $0 == "_" })
        {
            base = 8
        }
        body.removeAll { $0 == "_" }
        if let integer = Int64((isNegative ? "-" : "") + body, radix: base) {
            return .integer(integer)
        }
        guard base == 10 || lowered.contains("p"), let double = Double(lowered) else { return nil }
        return .float(isNegative ? -double : double)
    }

    /// The text between quotes or backticks; nil when an escape is not Go's.
    static func unquoted(_ quoted: String) -> String? {
        let bytes = Array(quoted.utf8)
        guard bytes.count >= 2 else { return nil }
        let inner = bytes[1..<(bytes.count - 1)]
        if bytes[0] == UInt8(ascii: "`") {
            return String(decoding: inner.filter { $0 != 13 }, as: UTF8.self)
        }
        var out: [UInt8] = []
        var rest = inner
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            guard let escaped = escape(&rest, quote: bytes[0]) else { return nil }
            out += escaped
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes that stand for what follows a backslash.
    private static func escape(_ rest: inout ArraySlice<UInt8>, quote: UInt8) -> [UInt8]? {
        guard let kind = rest.popFirst() else { return nil }
        let simple: [UInt8: UInt8] = [
            97: 7, 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11, 92: 92,
        ]
        if let byte = simple[kind] { return [byte] }
        if kind == quote { return [kind] }
        func digits(_ count: Int, _ base: Int) -> UInt32? {
            let text = String(decoding: rest.prefix(count), as: UTF8.self)
            guard text.utf8.count == count, let value = UInt32(text, radix: base) else {
                return nil
            }
            rest = rest.dropFirst(count)
            return value
        }
        switch kind {
        case UInt8(ascii: "x"): return digits(2, 16).map { [UInt8($0)] }
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            return digits(kind == UInt8(ascii: "u") ? 4 : 8, 16).flatMap(Unicode.Scalar.init)
                .map { Array(String(Character($0)).utf8) }
        case 48...55:
            rest = [kind] + rest
            return digits(3, 8).flatMap { $0 < 256 ? [UInt8($0)] : nil }
        default: return nil
        }
    }
}
