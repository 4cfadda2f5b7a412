/// Text of others as it may stand in a message: what would move a cursor, set a title, end the line
/// or turn the direction of reading is shown as an escape (`\e`, `\n`, `\x07`, `\u{202E}`).
package enum VisibleText {
    package static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isInvisible) else { return text }
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            if isInvisible(scalar) {
                out += escape(scalar)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }

    /// A line of a file with such characters replaced one by one, so that columns stay what they
    /// are; tabs stay, too.
    package static func sameColumns(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isInvisible) else { return text }
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            out.unicodeScalars.append(isInvisible(scalar) && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
    }

    /// Control characters (Cc), and those that turn the direction (UAX 9, 2).
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
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
