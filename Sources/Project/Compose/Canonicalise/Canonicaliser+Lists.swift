import OrderedCollections

extension Canonicaliser {
    /// A mapping, or a list of `key=value`. A key without a value becomes `""`, unless
    /// `nullsStay`.
    func pairs(_ node: Node, nullsStay: Bool, _ diagnostics: inout Diagnostics) -> Node {
        var result = node
        canonicalisePairs(&result, nullsStay: nullsStay, &diagnostics)
        return result
    }

    func canonicalisePairs(_ node: inout Node, nullsStay: Bool, _ diagnostics: inout Diagnostics) {
        switch node.value {
        case .map(var entries):
            node.value = .null
            for index in entries.keys.indices {
                // Nearly all of them: texts that stay as they are.
                if entries.values[index].isString, entries.values[index].tag == .none { continue }
                diagnostics.enter(entries.keys[index])
                canonicalise(pair: &entries.values[index], nullsStay: nullsStay, &diagnostics)
                diagnostics.leave()
            }
            node.value = .map(entries)
        case .list(let items):
            var result: Node.Mapping = [:]
            result.reserveCapacity(items.count)
            for (index, item) in items.enumerated() {
                if diagnostics.isOver { break }
                diagnostics.enter(index)
                add(item, nullsStay: nullsStay, to: &result, &diagnostics)
                diagnostics.leave()
            }
            node.value = .map(result)
        default: node = mismatch(node, "a mapping or a list of key=value", &diagnostics)
        }
    }

    private func canonicalise(pair: inout Node, nullsStay: Bool, _ diagnostics: inout Diagnostics) {
        if pair.tag == .reset {
            pair.value = .null
        } else if !pair.isNull {
            pair = text(pair, &diagnostics)
        } else if !nullsStay {
            pair.value = .string("")
        }
    }

    private func add(
        _ item: Node,
        nullsStay: Bool,
        to result: inout Node.Mapping,
        _ diagnostics: inout Diagnostics
    ) {
        guard let text = item.string else {
            _ = mismatch(
                item,
                "a string key=value",
                &diagnostics,
                hint: item.map.map { entries in
                    "write \(entries.keys.first ?? "KEY")=…, or leave out the \"- \""
                }
            )
            return
        }
        let equals = text.firstIndex(of: "=")
        let key = String(text[..<(equals ?? text.endIndex)])
        if nullsStay, key.last == " " || key.last == "\t" {
            diagnostics.problem(
                "the variable \"\(key)\" is declared with a trailing blank",
                at: item.mark,
                hint: "write it without blanks around the \"=\""
            )
        }
        if let earlier = result[key], earlier.mark != item.mark {
            diagnostics.warning(
                "\"\(key)\" is listed twice: this one wins",
                at: item.mark,
                hint: "the other one is at " + diagnostics.words(for: earlier.mark, from: item.mark)
            )
        }
        guard let equals else {
            result[key] = item.with(nullsStay ? .null : .string(""))
            return
        }
        let value = text[text.index(after: equals)...]
        result[key] = item.with(.string(String(value)))
        if nullsStay { warnOfQuotes(key, value, item, &diagnostics) }
    }

    /// `- KEY="value"` is one plain text to YAML, quotes and all.
    private func warnOfQuotes(
        _ key: String,
        _ value: Substring,
        _ item: Node,
        _ diagnostics: inout Diagnostics
    ) {
        guard !diagnostics.isFullOfWarnings, let quote = value.first, quote == "\"" || quote == "'",
            value.count > 1,
            value.last == quote, !value.dropFirst().dropLast().contains(quote)
        else { return }
        let inner = value.dropFirst().dropLast()
        let isShort =
            (1...40).contains(inner.utf8.count) && !inner.contains("\"") && !inner.contains("$")
        diagnostics.warning(
            "the quotes become a part of the value",
            at: diagnostics.sources.find("=\(quote)", from: item.mark).map {
                Mark(file: $0.file, line: $0.line, column: $0.column + 1)
            } ?? item.mark,
            hint: isShort ? "write \"\(key)=\(inner)\"" : "put them around the whole element"
        )
    }
}
