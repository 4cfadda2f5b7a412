import TextForms

/// `format` and `formatlist`: go-cty's verbs.
extension BakeFunctions {
    static func format(
        _ pattern: String,
        _ values: [BakeValue],
        _ a: BakeArguments
    ) throws(BakeFault) -> String {
        var out = ""
        var rest = pattern[...]
        var used = 0
        while let percent = rest.firstIndex(of: "%") {
            out += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            var verb = Verb()
            verb.read(from: &rest)
            guard let letter = rest.popFirst() else { throw a.fault("the pattern ends behind %") }
            if letter == "%" {
                out += "%"
                continue
            }
            guard used < values.count else { throw a.fault("there is no value for %\(letter)") }
            out += try verb.text(letter, values[used], a)
            used += 1
            guard out.utf8.count < 16 << 20 else { throw a.fault("the text is too long") }
        }
        guard used == values.count else { throw a.fault("there are more values than verbs") }
        return out + rest
    }

    /// Of lists the elements one after another, beside single values that stay.
    static func formatList(_ a: BakeArguments) throws(BakeFault) -> BakeValue {
        let values = a.values.dropFirst()
        let counts = Set(
            values.compactMap { if case .list(let elements) = $0 { elements.count } else { nil } }
        )
        guard counts.count <= 1 else { throw a.fault("its lists are of different length") }
        let pattern = try a.text(0)
        guard let count = counts.first else {
            return .list([.string(try format(pattern, Array(values), a))])
        }
        var lines: [BakeValue] = []
        for index in 0..<count {
            let row = values.map { value in
                if case .list(let elements) = value { elements[index] } else { value }
            }
            lines.append(.string(try format(pattern, row, a)))
        }
        return .list(lines)
    }

    /// What stands between `%` and the letter.
    private struct Verb {
        var isLeft = false
        var isZero = false
        var hasSign = false
        var width = 0
        var precision: Int?

        mutating func read(from text: inout Substring) {
            while let flag = text.first, "+-0# ".contains(flag) {
                switch flag {
                case "-": isLeft = true
                case "0": isZero = true
                case "+": hasSign = true
                default: break
                }
                text.removeFirst()
            }
            width = Self.number(&text) ?? 0
            if text.first == "." {
                text.removeFirst()
                precision = Self.number(&text) ?? 0
            }
        }

        private static func number(_ text: inout Substring) -> Int? {
            let digits = text.prefix { ("0"..."9").contains($0) }
            text = text[digits.endIndex...]
            return digits.isEmpty ? nil : min(Int(digits) ?? 1000, 1000)
        }

        func text(_ letter: Character, _ value: BakeValue, _ a: BakeArguments) throws(BakeFault)
            -> String
        {
            func number() throws(BakeFault) -> Double {
                guard let number = value.asNumber else {
                    throw a.fault("%\(letter) is for numbers, not for \(value.kind)")
                }
                return number
            }
            switch letter {
            case "v":
                return padded(value.text ?? BakeFunctions.compact(value.json))
            case "#": return padded(BakeFunctions.compact(value.json))
            case "s", "q":
                guard let text = value.text else {
                    throw a.fault("%\(letter) is for texts, not for \(value.kind)")
                }
                let cut = precision.map { String(text.prefix($0)) } ?? text
                return padded(letter == "q" ? JSONString.quoted(cut) : cut)
            case "t":
                guard let flag = value.asBool else {
                    throw a.fault("%t is for true and false, not for \(value.kind)")
                }
                return padded(flag ? "true" : "false")
            case "d", "b", "o", "x", "X":
                guard let whole = Int64(exactly: try number().rounded(.towardZero)) else {
                    throw a.fault("the number is too large")
                }
                let radix = letter == "d" ? 10 : letter == "b" ? 2 : letter == "o" ? 8 : 16
                let digits = String(whole, radix: radix, uppercase: letter == "X")
                return padded((hasSign && whole >= 0 ? "+" : "") + digits, isNumber: true)
            case "e", "f", "g":
                let value = try number()
                let digits = GoFloat.formatted(
                    value,
                    verb: letter,
                    precision: precision ?? (letter == "g" ? nil : 6)
                )
                return padded((hasSign && value >= 0 ? "+" : "") + digits, isNumber: true)
            default: throw a.fault("the verb %\(letter) is not known")
            }
        }

        private func padded(_ text: String, isNumber: Bool = false) -> String {
            let missing = width - text.count
            guard missing > 0 else { return text }
            if isLeft { return text + String(repeating: " ", count: missing) }
            guard isZero, isNumber else { return String(repeating: " ", count: missing) + text }
            let sign = text.prefix { $0 == "-" || $0 == "+" }
            return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
        }
    }
}
