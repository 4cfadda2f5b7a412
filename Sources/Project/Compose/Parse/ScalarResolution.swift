extension Node.Value {
    /// What a plain scalar is: YAML 1.2 core with the reference's additions (`017` is octal,
    /// `1_000` is a number). Dates stay text.
    init(resolvingPlain bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.first else {
            self = .null
            return
        }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            let text = String(decoding: bytes, as: UTF8.self)
            self = bytes.count > 5 ? .string(text) : Self.words[text] ?? .string(text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            let text = String(decoding: bytes, as: UTF8.self)
            // Of these, `-.inf` is the longest word; none begins with a digit.
            let word = bytes.count > 5 || first >= UInt8(ascii: "0") ? nil : Self.words[text]
            self = word ?? Self.number(bytes, text) ?? .string(text)
        default:
            self = .string(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static let words: [String: Node.Value] = [
        "~": .null, "null": .null, "Null": .null, "NULL": .null,
        "true": .bool(true), "True": .bool(true), "TRUE": .bool(true),
        "false": .bool(false), "False": .bool(false), "FALSE": .bool(false),
        ".inf": .float(.infinity), ".Inf": .float(.infinity), ".INF": .float(.infinity),
        "+.inf": .float(.infinity), "+.Inf": .float(.infinity), "+.INF": .float(.infinity),
        "-.inf": .float(-.infinity), "-.Inf": .float(-.infinity), "-.INF": .float(-.infinity),
        ".nan": .float(.nan), ".NaN": .float(.nan), ".NAN": .float(.nan),
    ]

    /// Integer or float; nil when the text is neither.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ text: String) -> Self? {
        // A number has no other letters than these; most versions and addresses end here.
        for byte in bytes.dropFirst() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "x"), UInt8(ascii: "X"),
                UInt8(ascii: "o"), UInt8(ascii: "O"):
                continue
            default: return nil
            }
        }
        let digits = bytes.contains(UInt8(ascii: "_")) ? text.filter { $0 != "_" } : text
        if let number = integer(digits, as: Int64.self) { return .int(number) }
        if let number = integer(digits, as: UInt64.self) { return .float(Double(number)) }
        // What is too large for a float stays text, as with the reference: `82e1234` is a commit.
        guard isFloat(digits), let value = Double(digits), value.isFinite else { return nil }
        return .float(value)
    }

    /// Go's `strconv.ParseInt(text, 0, 64)`, or `ParseUint`.
    static func integer<Number: FixedWidthInteger>(
        _ text: String,
        as type: Number.Type
    ) -> Number? {
        var rest = text[...]
        let sign = rest.first == "-" || rest.first == "+" ? String(rest.removeFirst()) : ""
        var radix = 10
        if rest.first == "0", rest.count > 1 {
            rest.removeFirst()
            switch rest.first {
            case "x", "X": (radix, rest) = (16, rest.dropFirst())
            case "o", "O": (radix, rest) = (8, rest.dropFirst())
            case "b", "B": (radix, rest) = (2, rest.dropFirst())
            default: radix = 8
            }
        }
        guard rest.first?.isHexDigit == true else { return nil }
        return Number(sign + rest, radix: radix)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    static func isFloat(_ text: String) -> Bool {
        var bytes = text.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        func skipDigits() -> Int {
            let rest = bytes.drop(while: isDigit)
            defer { bytes = rest }
            return bytes.count - rest.count
        }
        func skipSign() {
            if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") {
                bytes.removeFirst()
            }
        }
        skipSign()
        let whole = skipDigits()
        var fraction = 0
        if bytes.first == UInt8(ascii: ".") {
            bytes.removeFirst()
            fraction = skipDigits()
        }
        guard whole + fraction > 0 else { return false }
        if bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E") {
            bytes.removeFirst()
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return bytes.isEmpty
    }
}
