import TextForms

extension Canonicaliser {
    func scalar(_ node: Node, as shape: Shape, _ diagnostics: inout Diagnostics) -> Node {
        switch shape {
        case .string: string(node, &diagnostics)
        case .text: text(node, &diagnostics)
        case .boolean: boolean(node, &diagnostics)
        case .integer(let range): integer(node, range, &diagnostics)
        case .number: number(node, &diagnostics)
        case .word(let words): word(node, words, &diagnostics)
        case .bytes: bytes(node, &diagnostics)
        case .wholeBytes: wholeBytes(node, &diagnostics)
        case .duration: duration(node, &diagnostics)
        case .fileMode: fileMode(node, &diagnostics)
        case .modeNumber: modeNumber(node, &diagnostics)
        case .path:
            node.string.map { node.with(.string(base.absolute($0))) }
                ?? mismatch(node, "a string", &diagnostics)
        default: node
        }
    }

    private func string(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        switch node.value {
        case .string: node
        case .bool(let flag) where diagnostics.key == "restart":
            // `no` is a word to YAML 1.2, but `false` is what it was to many.
            mismatch(node, "a string", &diagnostics, hint: flag ? "write always" : "write \"no\"")
        case .bool, .int, .float:
            mismatch(
                node,
                "a string",
                &diagnostics,
                hint: diagnostics.sources.written(node).map { "quote it: \"\($0)\"" } ?? "quote it"
            )
        default: mismatch(node, "a string", &diagnostics)
        }
    }

    /// Numbers and booleans as the reference writes them.
    func text(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        let text: String
        switch node.value {
        case .string: return node
        case .int(let number): text = String(number)
        case .float(let number):
            text = whole(number, node, &diagnostics) ?? GoFloat.shortest(number)
        case .bool(let flag): text = flag ? "true" : "false"
        default: return mismatch(node, "a string, a number or a boolean", &diagnostics)
        }
        if !diagnostics.isFullOfWarnings, let written = diagnostics.sources.written(node),
            written != text
        {
            let kind = node.bool == nil ? "number" : "boolean"
            diagnostics.warning(
                "\(written) is a \(kind) to YAML, and becomes \"\(text)\"",
                at: node.mark,
                hint: "quote it: \"\(written)\""
            )
        }
        return node.with(.string(text))
    }

    /// A whole number that needs all 64 bits, as it is written: as a floating-point number it has
    /// lost its last digits.
    private func whole(_ number: Double, _ node: Node, _ diagnostics: inout Diagnostics) -> String?
    {
        guard (0x1p63...0x1p64).contains(number), let written = diagnostics.sources.written(node),
            let value = Node.Value.integer(written.filter { $0 != "_" }, as: UInt64.self)
        else { return nil }
        return String(value)
    }

    private func boolean(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        if node.bool != nil { return node }
        guard let word = node.string?.lowercased() else {
            return mismatch(node, "true or false", &diagnostics)
        }
        switch word {
        case "true": return node.with(.bool(true))
        case "false": return node.with(.bool(false))
        case "y", "yes", "on", "n", "no", "off":
            let flag = word == "y" || word == "yes" || word == "on"
            diagnostics.warning(
                "\"\(word)\" for a boolean is deprecated",
                at: node.mark,
                hint: "write \(flag)"
            )
            return node.with(.bool(flag))
        default:
            diagnostics.problem(
                "invalid boolean: \"\(word)\"",
                at: node.mark,
                hint: "true or false"
            )
            return node
        }
    }

    private func integer(
        _ node: Node,
        _ range: ClosedRange<Int64>,
        _ diagnostics: inout Diagnostics
    ) -> Node {
        let number: Int64
        switch node.value {
        case .int(let value): number = value
        case .string(let text):
            guard let value = Int64(text) else {
                diagnostics.problem(
                    text.isEmpty
                        ? "must be a whole number, not empty" : "\"\(text)\" is not a whole number",
                    at: node.mark
                )
                return node
            }
            number = value
        case .float(let value) where value == value.rounded() && value.magnitude < 1e15:
            number = Int64(value)
        default: return mismatch(node, "a whole number", &diagnostics)
        }
        guard range.contains(number) else {
            let bound =
                number < range.lowerBound
                ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
            diagnostics.problem("\(number) is out of range: must be \(bound)", at: node.mark)
            return node
        }
        return node.with(.int(number))
    }

    private func number(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        switch node.value {
        case .int, .float: return node
        case .string(let text):
            if let whole = Int64(text) { return node.with(.int(whole)) }
            if Node.Value.isFloat(text), let value = Double(text) {
                return node.with(.float(value))
            }
            diagnostics.problem(
                "\"\(text)\" is not a number",
                at: node.mark,
                hint: text.contains(",") ? "write a point, as in 0.5" : nil
            )
            return node
        default: return mismatch(node, "a number", &diagnostics)
        }
    }

    private func word(_ node: Node, _ words: [String], _ diagnostics: inout Diagnostics) -> Node {
        guard let text = node.string else { return string(node, &diagnostics) }
        guard !words.contains(text) else { return node }
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        diagnostics.problem(
            "\"\(text)\" is not one of \(list)",
            at: node.mark,
            hint: diagnostics.suggestion(for: text, among: words)
        )
        return node
    }

    private func bytes(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        switch node.value {
        case .int(let number): return node.with(.string(String(number)))
        case .string(let text):
            guard let size = ByteSize.parse(text) else {
                diagnostics.problem(
                    "\"\(text)\" is not a size",
                    at: node.mark,
                    hint: "a number with b, k, m, g, t or p: 64m"
                )
                return node
            }
            return node.with(.string(String(size)))
        case .float(let number):
            let written = diagnostics.sources.written(node) ?? GoFloat.shortest(number)
            let isWhole = number == number.rounded() && number.magnitude < 0x1p53
            let isTooLarge = written.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            diagnostics.warning(
                isTooLarge
                    ? "\(written) is larger than any size: it is ignored"
                    : "\(written) is a floating-point number to YAML, not a size: it is ignored",
                at: node.mark,
                hint: isWhole ? "write \(Int64(number))" : "write it with a unit, as 64m or 1g"
            )
            return node.with(.string("0"))
        default:
            return mismatch(node, "a size in bytes", &diagnostics, hint: "write it as 64m or 1g")
        }
    }

    private func wholeBytes(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        if case .float(let number) = node.value, number != number.rounded() {
            return mismatch(
                node,
                "a whole number of bytes",
                &diagnostics,
                hint: "write it as 64m or 1g"
            )
        }
        let result = bytes(node, &diagnostics)
        if result.string?.hasPrefix("-") == true {
            diagnostics.problem("a size must not be negative", at: node.mark)
        }
        return result
    }

    private func duration(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard let text = node.string else {
            return mismatch(node, "a duration", &diagnostics, hint: "give it a unit: 10s")
        }
        guard let nanoseconds = GoDuration.parse(text, units: .daysAndWeeks) else {
            diagnostics.problem(
                "\"\(text)\" is not a duration",
                at: node.mark,
                hint: "numbers with units ns, us, ms, s, m, h, d, w: 1m30s"
            )
            return node
        }
        return node.with(.string(GoDuration.text(nanoseconds: nanoseconds)))
    }

    private func modeNumber(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        let mode = fileMode(node, &diagnostics)
        return mode.string.flatMap { Int64($0, radix: 8) }.map { mode.with(.int($0)) } ?? mode
    }

    private func fileMode(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        switch node.value {
        case .int(let mode) where mode >= 0:
            let octal = "0" + String(mode, radix: 8)
            if !diagnostics.isFullOfWarnings,
                let written = diagnostics.sources.written(node),
                (3...4).contains(written.utf8.count),
                written.utf8.first != UInt8(ascii: "0"), Int(written, radix: 8) != nil
            {
                diagnostics.warning(
                    "\(written) is a decimal number, and means the mode \(octal)",
                    at: node.mark,
                    hint: "write 0\(written)"
                )
            }
            return node.with(.string(octal))
        case .string(let text):
            guard let mode = Int64(text, radix: 8), mode >= 0 else {
                diagnostics.problem(
                    "\"\(text)\" is not an octal mode",
                    at: node.mark,
                    hint: "such as 0644"
                )
                return node
            }
            return node.with(.string("0" + String(mode, radix: 8)))
        default: return mismatch(node, "an octal mode", &diagnostics, hint: "such as 0644")
        }
    }
}
