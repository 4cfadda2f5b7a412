/// The quoted strings of JSON, RFC 8259 section 7, as Go's `encoding/json` writes and reads them.
package enum JSONString {
    /// The text in quotes. `escapesHTML` also escapes `<`, `>` and `&`, which `json.Marshal` does
    /// and an encoder with `SetEscapeHTML(false)` does not; `escapesInvisible` also escapes what
    /// `VisibleText` does, for documents that people may see on a terminal.
    package static func quoted(
        _ text: String,
        escapesHTML: Bool = false,
        escapesInvisible: Bool = false
    ) -> String {
        var out: [UInt8] = []
        append(text, to: &out, escapesHTML: escapesHTML, escapesInvisible: escapesInvisible)
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends the same as bytes.
    package static func append(
        _ text: String,
        to out: inout [UInt8],
        escapesHTML: Bool = false,
        escapesInvisible: Bool = false
    ) {
        out.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
            case "\\": out += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case "\n": out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case "\r": out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case "\t": out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case "\u{8}": out += [UInt8(ascii: "\\"), UInt8(ascii: "b")]
            case "\u{C}": out += [UInt8(ascii: "\\"), UInt8(ascii: "f")]
            case "\u{0}"..."\u{1F}", "\u{2028}", "\u{2029}": appendEscape(of: scalar, to: &out)
            case "<", ">", "&":
                if escapesHTML {
                    appendEscape(of: scalar, to: &out)
                } else {
                    out.append(UInt8(ascii: scalar))
                }
            // Beyond the basic plane it would be a surrogate pair, which YAML does not read.
            case _
            where escapesInvisible && scalar.value <= 0xFFFF && VisibleText.isInvisible(scalar):
                appendEscape(of: scalar, to: &out)
            default: out += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of scalar: Unicode.Scalar, to out: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        out += "\\u".utf8
        out += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
        out += digits.utf8
    }

    /// Reads a string from behind its opening quote: its bytes, valid UTF-8 or not, and
    /// the place behind its closing quote. nil when an escape is not JSON's or no quote closes it.
    /// Half a surrogate pair reads as U+FFFD, as Go has it. Control characters are taken as they
    /// are: logs of other programs have them.
    package static func unescape(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> (bytes: [UInt8], next: Int)? {
        var next: Int?
        let text = [UInt8](unsafeUninitializedCapacity: bytes.count - start) { output, count in
            var index = start
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\"") {
                    next = index + 1
                    return
                }
                index += 1
                if byte != UInt8(ascii: "\\") {
                    output.initializeElement(at: count, to: byte)
                    count += 1
                } else if !unescape(bytes, &index, output, &count) {
                    return
                }
            }
        }
        return next.map { (text, $0) }
    }

    /// What a backslash stands for; `index` is behind it. An escape never grows: `\u0041` is six
    /// bytes for at most three.
    private static func unescape(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: inout Int,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ count: inout Int
    ) -> Bool {
        guard index < bytes.count else { return false }
        let letter = bytes[index]
        index += 1
        let byte: UInt8
        switch letter {
        case UInt8(ascii: "n"): byte = 10
        case UInt8(ascii: "t"): byte = 9
        case UInt8(ascii: "r"): byte = 13
        case UInt8(ascii: "b"): byte = 8
        case UInt8(ascii: "f"): byte = 12
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = letter
        case UInt8(ascii: "u"):
            guard let scalar = scalar(bytes, &index) else { return false }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                output.initializeElement(at: count, to: byte)
                count += 1
            }
            return true
        default: return false
        }
        output.initializeElement(at: count, to: byte)
        count += 1
        return true
    }

    /// Four hexadecimal digits, or two such groups for a surrogate pair.
    private static func scalar(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: inout Int
    ) -> Unicode.Scalar? {
        guard let first = hexadecimal(bytes, index) else { return nil }
        index += 4
        guard (0xD800..<0xDC00).contains(first) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u"), let second = hexadecimal(bytes, index + 2),
            (0xDC00..<0xE000).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private static func hexadecimal(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int
    ) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for index in start..<start + 4 {
            switch bytes[index] {
            case let digit where digit &- 48 <= 9: value = value << 4 | UInt32(digit - 48)
            case let digit where (digit | 32) &- 97 <= 5:
                value = value << 4 | UInt32((digit | 32) - 87)
            default: return nil
            }
        }
        return value
    }
}
