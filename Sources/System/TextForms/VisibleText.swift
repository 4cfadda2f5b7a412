/// Text of others as it may stand in a message: what would move a cursor, set a title, end the line
/// or turn the direction of reading is shown as an escape (`\e`, `\n`, `\x07`, `\u{202E}`).
package enum VisibleText {
    /// `text` with control characters and escape sequences as visible text.
    package static func escaped(_ text: String) -> String {
        shown(text, keeping: [], as: escape)
    }

    /// The same for a text of several lines: line feeds and tabs stay.
    package static func lines(_ text: String) -> String {
        shown(text, keeping: ["\n", "\t"], as: escape)
    }

    /// A line of a file with such characters replaced one by one, so that columns stay what they
    /// are; tabs stay, too.
    package static func sameColumns(_ text: String) -> String {
        shown(text, keeping: ["\t"]) { _ in "\u{FFFD}" }
    }

    /// The same for a message that repeats what a file says, which may be megabytes.
    package static func shortened(_ text: String) -> String { escaped(cut(text)) }

    /// The beginning of a text that is too long to be read.
    package static func cut(_ text: String) -> String {
        text.utf8.count <= 1000 ? text : text.prefix(400) + "…"
    }

    private static func shown(
        _ text: String,
        keeping kept: [Unicode.Scalar],
        as form: (Unicode.Scalar) -> String
    ) -> String {
        guard hasInvisible(text) else { return text }
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            if isInvisible(scalar), !kept.contains(scalar) {
                out += form(scalar)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hasInvisible(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return false }
        return text.unicodeScalars.contains(where: isInvisible)
    }

    /// Control characters (Cc), what has no width or turns the direction of reading (Cf; UAX 9, 2),
    /// and the separators of lines and paragraphs (Zl, Zp).
    package static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0xA0 { return scalar.value < 0x20 || scalar.value >= 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{1B}": return "\\e"
        case _ where scalar.value < 0x100:
            return "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
        default: return "\\u{\(digits)}"
        }
    }
}
