import TextForms

/// fmt's `Sprintf` for the values that templates have.
struct Formatting {
    private(set) var text = ""
    private let arguments: [GoValue]
    private var next = 0

    /// What stands between `%` and the verb.
    private struct Directive {
        var plus = false, minus = false, sharp = false, space = false, zero = false
        var width: Int?
        var precision: Int?
    }

    /// Wider than anybody needs, and not wide enough to fill the memory.
    private static let widthLimit = 10_000

    init(_ format: String, _ arguments: [GoValue]) {
        self.arguments = arguments
        var rest = Substring(format)
        while let percent = rest.firstIndex(of: "%") {
            text += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            directive(&rest)
        }
        text += rest
        guard next < arguments.count else { return }
        let extra = arguments[next...].map { "\($0.shortTypeName)=\($0.text())" }
        text += "%!(EXTRA \(extra.joined(separator: ", ")))"
    }

    private mutating func directive(_ rest: inout Substring) {
        var directive = Directive()
        loop: while let flag = rest.first {
            switch flag {
            case "+": directive.plus = true
            case "-": directive.minus = true
            case "#": directive.sharp = true
            case " ": directive.space = true
            case "0": directive.zero = true
            default: break loop
            }
            rest.removeFirst()
        }
        directive.width = number(&rest)
        if let width = directive.width, width < 0 {
            directive.minus = true
            directive.width = -width
        }
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = max(0, number(&rest) ?? 0)
        }
        guard let verb = rest.popFirst() else {
            text += "%!(NOVERB)"
            return
        }
        if verb == "%" {
            text += "%"
        } else if next < arguments.count {
            text += padded(format(arguments[next], verb, directive), directive, arguments[next])
            next += 1
        } else {
            text += "%!\(verb)(MISSING)"
        }
    }

    /// A number as written, or `*` for the next argument.
    private mutating func number(_ rest: inout Substring) -> Int? {
        if rest.first == "*" {
            rest.removeFirst()
            guard next < arguments.count, case .integer(let value) = arguments[next] else {
                return nil
            }
            next += 1
            return Int(max(-Int64(Self.widthLimit), min(Int64(Self.widthLimit), value)))
        }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits.isEmpty ? nil : min(Int(digits) ?? Self.widthLimit, Self.widthLimit)
    }

    private func format(_ value: GoValue, _ verb: Character, _ directive: Directive) -> String {
        switch (verb, value) {
        case ("T", _): return value.typeName
        case ("v", .float), ("g", .float), ("G", .float), ("e", .float), ("E", .float),
            ("f", .float), ("F", .float):
            return float(value, verb, directive)
        case ("v", .integer(let number)), ("d", .integer(let number)):
            return integer(number, 10, false, directive)
        case ("v", _): return directive.sharp ? value.goSyntax : value.text()
        case ("t", .bool(let flag)): return flag ? "true" : "false"
        case ("b", .integer(let number)): return integer(number, 2, false, directive)
        case ("o", .integer(let number)): return integer(number, 8, false, directive)
        case ("x", .integer(let number)): return integer(number, 16, false, directive)
        case ("X", .integer(let number)): return integer(number, 16, true, directive)
        case ("c", .integer(let number)): return String(scalar(number))
        case ("q", .integer(let number)):
            return GoQuote.quoted(rune: scalar(number).unicodeScalars.first ?? "?")
        case ("U", .integer(let number)):
            let digits = String(number, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        case ("s", .string(let text)): return cut(text, directive)
        case ("q", .string(let text)):
            return GoQuote.quoted(cut(text, directive), asciiOnly: directive.plus)
        case ("x", .string(let text)), ("X", .string(let text)):
            return hex(text, isUpper: verb == "X", directive)
        case ("s", .nothing(.absent)): return "%!s(<nil>)"
        case ("d", .nothing(.absent)): return "%!d(<nil>)"
        case (_, .list(let values)):
            return "[" + values.map { format($0, verb, directive) }.joined(separator: " ") + "]"
        case (_, .map(let map)):
            return "map["
                + map.sorted.map {
                    format(.string($0.key), verb, directive) + ":"
                        + format($0.value, verb, directive)
                }.joined(separator: " ") + "]"
        case (_, .nothing(.list)): return "[]"
        case (_, .nothing(.map)): return "map[]"
        default: return "%!\(verb)(\(value.shortTypeName)=\(value.text()))"
        }
    }

    private func cut(_ text: String, _ directive: Directive) -> String {
        directive.precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
    }

    private func scalar(_ number: Int64) -> Character {
        Character(UInt32(exactly: number).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
    }

    private func float(_ value: GoValue, _ verb: Character, _ directive: Directive) -> String {
        guard case .float(let number) = value else { return "" }
        let verb = verb == "v" ? "g" : verb
        let text = GoFloat.formatted(number, verb: verb, precision: directive.precision)
        guard !text.hasPrefix("-"), !text.hasPrefix("+") else { return text }
        return directive.plus ? "+" + text : directive.space ? " " + text : text
    }

    private func integer(
        _ number: Int64,
        _ radix: Int,
        _ isUpper: Bool,
        _ directive: Directive
    ) -> String {
        var digits = String(number.magnitude, radix: radix, uppercase: isUpper)
        if let precision = directive.precision {
            digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
        }
        if directive.sharp {
            switch radix {
            case 16: digits = (isUpper ? "0X" : "0x") + digits
            case 8: digits = "0" + digits
            case 2: digits = "0b" + digits
            default: break
            }
        }
        if number < 0 { return "-" + digits }
        return directive.plus ? "+" + digits : directive.space ? " " + digits : digits
    }

    private func hex(_ text: String, isUpper: Bool, _ directive: Directive) -> String {
        let pairs = text.utf8.prefix(directive.precision ?? .max).map { byte in
            let digits = String(byte, radix: 16, uppercase: isUpper)
            return (digits.count < 2 ? "0" : "") + digits
        }
        guard directive.space else {
            let mark = directive.sharp && !pairs.isEmpty ? (isUpper ? "0X" : "0x") : ""
            return mark + pairs.joined()
        }
        return pairs.joined(separator: " ")
    }

    private func padded(_ text: String, _ directive: Directive, _ value: GoValue) -> String {
        guard let width = directive.width, text.unicodeScalars.count < width else { return text }
        let count = width - text.unicodeScalars.count
        if directive.minus { return text + String(repeating: " ", count: count) }
        guard directive.zero else { return String(repeating: " ", count: count) + text }
        let zeros = String(repeating: "0", count: count)
        switch value {
        case .integer, .float:
            guard let sign = text.first, "+- ".contains(sign) else { return zeros + text }
            return String(sign) + zeros + text.dropFirst()
        default: return zeros + text
        }
    }
}

extension GoValue {
    /// As `%!d(string=x)` names it.
    fileprivate var shortTypeName: String {
        if case .nothing = self { "<nil>" } else { typeName }
    }

    /// `%#v`.
    fileprivate var goSyntax: String {
        switch self {
        case .string(let value): GoQuote.quoted(value)
        case .list(let values):
            "\(typeName){" + values.map(\.goSyntax).joined(separator: ", ") + "}"
        case .map(let map):
            "\(typeName){"
                + map.sorted.map { "\(GoQuote.quoted($0.key)):\($0.value.goSyntax)" }
                .joined(separator: ", ") + "}"
        case .nothing(.list), .nothing(.map): "\(typeName)(nil)"
        default: text()
        }
    }
}
