/// Splitting the text of an instruction.
package enum Words {
    /// Words at blanks that are neither quoted nor escaped; quotes and escapes stay.
    package static func split(_ text: String, escape: Unicode.Scalar = "\\") -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var quote: Unicode.Scalar?
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if quote == nil, scalar.properties.isWhitespace {
                if !word.isEmpty { words.append(String(word)) }
                word.removeAll()
                continue
            }
            if scalar == escape, quote != "'" {
                // At the end of the text it escapes nothing and goes.
                guard let escaped = rest.popFirst() else { break }
                word.append(scalar)
                word.append(escaped)
                continue
            }
            if scalar == quote {
                quote = nil
            } else if quote == nil, scalar == "'" || scalar == "\"" {
                quote = scalar
            }
            word.append(scalar)
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    /// Takes the flags (`--name`, `--name=value`) off the front; `--` ends them.
    static func flags(of text: String) -> (flags: [String], rest: String) {
        var flags: [String] = []
        var rest = Substring(text.trimmingBlanks()).utf8
        while rest.starts(with: "--".utf8) {
            let (flag, after) = flag(at: rest)
            if flag == "--" { return (flags, String(after)?.trimmingBlanks() ?? "") }
            flags.append(flag)
            rest = after.drop(while: ASCII.isBlank)
        }
        return (flags, String(rest) ?? "")
    }

    private static func flag(
        at text: Substring.UTF8View.SubSequence
    ) -> (String, Substring.UTF8View.SubSequence) {
        var word: [UInt8] = []
        var quote: UInt8?
        var rest = text
        while let byte = rest.first {
            if quote == nil, ASCII.isBlank(byte) { break }
            rest = rest.dropFirst()
            if byte == ASCII.backslash {
                if let escaped = rest.popFirst() { word.append(escaped) }
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == ASCII.quote || byte == ASCII.apostrophe {
                quote = byte
            } else {
                word.append(byte)
            }
        }
        return (String(decoding: word, as: UTF8.self), rest)
    }
}
