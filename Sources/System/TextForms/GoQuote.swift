/// Texts in Go's quotes.
package enum GoQuote {
    /// strconv.Quote, `%q`.
    package static func quoted(_ text: String, asciiOnly: Bool = false) -> String {
        text.unicodeScalars.reduce(into: "\"") { $0 += escaped($1, quote: "\"", asciiOnly) } + "\""
    }

    /// strconv.QuoteRune, `%q` of a number.
    package static func quoted(rune: Unicode.Scalar) -> String {
        "'" + escaped(rune, quote: "'", false) + "'"
    }

    /// `%#U`: `U+0021 '!'`.
    package static func unicode(_ character: Character) -> String {
        let scalar = character.unicodeScalars.first ?? "?"
        return "U+\(hex(scalar.value, 4).uppercased()) '\(scalar)'"
    }

    private static func escaped(
        _ scalar: Unicode.Scalar,
        quote: Unicode.Scalar,
        _ asciiOnly: Bool
    ) -> String {
        if scalar == quote || scalar == "\\" { return "\\\(scalar)" }
        switch scalar.value {
        case 7: return "\\a"
        case 8: return "\\b"
        case 9: return "\\t"
        case 10: return "\\n"
        case 11: return "\\v"
        case 12: return "\\f"
        case 13: return "\\r"
        case 0..<0x20, 0x7F: return "\\x" + hex(scalar.value, 2)
        case 0x20..<0x7F: return "\(scalar)"
        case _ where isPrintable(scalar) && !asciiOnly: return "\(scalar)"
        case 0...0xFFFF: return "\\u" + hex(scalar.value, 4)
        default: return "\\U" + hex(scalar.value, 8)
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }

    private static func hex(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
