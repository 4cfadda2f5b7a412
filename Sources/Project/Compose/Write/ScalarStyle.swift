import TextForms

/// How a string is written in YAML so that it reads back as that string.
enum ScalarStyle {
    case plain, single, double, literal

    static func of(_ text: String, isKey: Bool) -> ScalarStyle {
        var text = text
        if text.withUTF8(isOrdinary) { return .plain }
        let traits = Traits(text)
        if traits.hasBreak {
            return isKey || traits.needsEscape || traits.hasSpaceBeforeBreak || traits.endsInSpace
                ? .double : .literal
        }
        if traits.needsEscape || traits.hasTab { return .double }
        if traits.resolvesToOther { return .double }
        if traits.isOldBoolean || traits.isBase60 || traits.hasIndicator || traits.startsWithSpace
            || traits.endsInSpace
        {
            return .single
        }
        return .plain
    }

    /// A word, a path or an address, as nearly every text is: what needs no closer look to be plain.
    private static func isOrdinary(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        switch first | 0x20 {
        case UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "o"), UInt8(ascii: "t"),
            UInt8(ascii: "y"):
            // `false` is the longest of the words that mean something else.
            guard bytes.count > 5 else { return false }
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "/"): break
        case UInt8(ascii: "-"):
            // An option, `-q` or `--quiet`, and no number and no end of a document.
            guard let sign = bytes.prefix(3).first(where: { $0 != first }), isLetter(sign) else {
                return false
            }
        default: return false
        }
        guard last != UInt8(ascii: " "), last != UInt8(ascii: ":") else { return false }
        var previous = first
        for byte in bytes {
            guard byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "#"),
                byte != UInt8(ascii: " ") || previous != UInt8(ascii: ":")
            else { return false }
            previous = byte
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }

    /// Whether every character of a text stands for itself in double quotes, as far as ASCII goes.
    static func isBare(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
    }

    /// The escape of a character in double quotes; nil where it stands for itself.
    static func escape(_ scalar: UnicodeScalar) -> String? {
        switch scalar {
        case "\0": return "\\0"
        case "\u{07}": return "\\a"
        case "\u{08}": return "\\b"
        case "\t": return "\\t"
        case "\n": return "\\n"
        case "\u{0B}": return "\\v"
        case "\u{0C}": return "\\f"
        case "\r": return "\\r"
        case "\u{1B}": return "\\e"
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\u{85}": return "\\N"
        case "\u{A0}": return "\\_"
        case "\u{2028}": return "\\L"
        case "\u{2029}": return "\\P"
        default: break
        }
        if isPrintable(scalar) { return nil }
        let hex = String(scalar.value, radix: 16, uppercase: true)
        func padded(_ count: Int) -> String {
            String(repeating: "0", count: count - hex.count) + hex
        }
        if scalar.value <= 0xFF { return "\\x" + padded(2) }
        return scalar.value <= 0xFFFF ? "\\u" + padded(4) : "\\U" + padded(8)
    }

    /// What Go's YAML writes as it is, printable and in the basic plane, but for what nobody sees:
    /// a mark that turns the direction would show the rest of the line as something else.
    static func isPrintable(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E: true
        case 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: !VisibleText.isInvisible(scalar)
        default: false
        }
    }

    /// Printable, and no end of a line to a parser that knows YAML 1.1.
    private static func isPlain(_ scalar: UnicodeScalar) -> Bool {
        isPrintable(scalar) && scalar != "\u{2028}" && scalar != "\u{2029}"
    }

    /// What of a text matters for its style.
    private struct Traits {
        var hasBreak = false
        var hasSpaceBeforeBreak = false
        var hasTab = false
        var needsEscape = false
        var hasIndicator = false
        var startsWithSpace = false
        var endsInSpace = false
        var resolvesToOther = false
        var isOldBoolean = false
        var isBase60 = false
        private var hasColon = false
        private var isASCII = true

        init(_ text: String) {
            var text = text
            text.withUTF8 { bytes in
                scan(bytes)
                resolvesToOther = Self.resolvesToOther(bytes)
            }
            if !isASCII {
                needsEscape =
                    needsEscape
                    || !text.unicodeScalars.allSatisfy {
                        $0 == "\t" || ScalarStyle.isPlain($0)
                    }
            }
            guard !hasBreak, !resolvesToOther else { return }
            if text.utf8.count <= 3, "yYnNoO".utf8.contains(text.utf8.first ?? 0) {
                isOldBoolean = Self.oldBooleans.contains(text.lowercased()) && Self.isOldCase(text)
            }
            isBase60 = hasColon && Self.isBase60(text)
            switch text.utf8.first {
            case UInt8(ascii: "<"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if text == "<<" || text.hasPrefix("---") || text.hasPrefix("...") {
                    hasIndicator = true
                }
            default: break
            }
        }

        private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) {
            guard let first = bytes.first, let last = bytes.last else { return }
            startsWithSpace = first == UInt8(ascii: " ")
            endsInSpace = last == UInt8(ascii: " ")
            func isBlankAt(_ index: Int) -> Bool {
                guard index < bytes.count else { return true }
                let byte = bytes[index]
                return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                    || byte == UInt8(ascii: "\n")
            }
            switch first {
            case UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "*"),
                UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"),
                UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
                hasIndicator = true
            case UInt8(ascii: "-"), UInt8(ascii: "?"): hasIndicator = isBlankAt(1)
            default: break
            }
            for (index, byte) in bytes.enumerated() {
                switch byte {
                case UInt8(ascii: "\n"):
                    hasBreak = true
                    if index > 0, bytes[index - 1] == UInt8(ascii: " ") {
                        hasSpaceBeforeBreak = true
                    }
                case UInt8(ascii: "\t"): hasTab = true
                case UInt8(ascii: ":"):
                    hasColon = true
                    hasIndicator = hasIndicator || isBlankAt(index + 1)
                case UInt8(ascii: "#"):
                    hasIndicator = hasIndicator || (index > 0 && isBlankAt(index - 1))
                case 0x00..<0x20, 0x7F: needsEscape = true
                case 0x80...0xFF: isASCII = false
                default: break
                }
            }
        }

        /// Read plain, it would be null, a boolean, a number or a date.
        private static func resolvesToOther(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            if case .string = Node.Value(resolvingPlain: bytes) { return isTimestamp(bytes) }
            return true
        }

        /// `2020-01-01`, perhaps with a time behind it.
        private static func isTimestamp(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            guard bytes.count >= 8, bytes[4] == UInt8(ascii: "-") else { return false }
            let text = String(decoding: bytes, as: UTF8.self)
            let date = text.prefix { $0.isNumber || $0 == "-" }
            let parts = date.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].count == 4, (1...2).contains(parts[1].count),
                (1...2).contains(parts[2].count), let month = Int(parts[1]),
                let day = Int(parts[2]),
                (1...12).contains(month), (1...31).contains(day)
            else { return false }
            let rest = text[date.endIndex...]
            if rest.isEmpty { return true }
            guard let sign = rest.first, sign == "T" || sign == "t" || sign == " " else {
                return false
            }
            let clock = rest.dropFirst().prefix { $0.isNumber || $0 == ":" }
            return clock.split(separator: ":", omittingEmptySubsequences: false).count == 3
        }

        private static let oldBooleans: Set<String> = ["y", "n", "yes", "no", "on", "off"]

        /// `yes`, `Yes` and `YES`, but not `yEs`.
        private static func isOldCase(_ text: String) -> Bool {
            text == text.lowercased() || text == text.uppercased()
                || text == text.prefix(1).uppercased() + text.dropFirst().lowercased()
        }

        /// `1:30`, which YAML 1.1 reads as a number: `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(\.[0-9_]*)?$`
        private static func isBase60(_ text: String) -> Bool {
            guard let first = text.utf8.first, first < 0x3A else { return false }
            var rest = text[...]
            if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
            if let point = rest.firstIndex(of: ".") {
                guard rest[point...].dropFirst().allSatisfy({ $0 == "_" || isDigit($0) }) else {
                    return false
                }
                rest = rest[..<point]
            }
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1, let digit = parts[0].first, isDigit(digit),
                parts[0].allSatisfy({ $0 == "_" || isDigit($0) })
            else { return false }
            return parts.dropFirst().allSatisfy {
                (1...2).contains($0.count) && $0.allSatisfy(isDigit)
                    && ($0.count == 1 || ("0"..."5").contains(String($0.prefix(1))))
            }
        }

        private static func isDigit(_ character: Character) -> Bool {
            character >= "0" && character <= "9"
        }
    }
}
