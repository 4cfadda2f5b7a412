import OrderedCollections

extension Canonicaliser {
    /// A string is split like a shell's words; a list is taken as it is.
    func command(_ node: Node, _ report: inout Report) -> Node {
        guard let text = node.string else {
            guard node.list != nil else { return mismatch(node, "a string or a list", &report) }
            return list(node, of: .string, &report)
        }
        do {
            let parsed = try ShellWords(text)
            if let ended = parsed.endedAt {
                report.warning(
                    "no shell runs this command: everything from \"\(ended)\" on is dropped",
                    at: node.mark,
                    hint: "write [\"sh\", \"-c\", \"…\"]"
                )
            }
            return node.with(.list(parsed.words.map { node.made(.string($0)) }))
        } catch {
            report.problem(error.message, at: node.mark, hint: "quote it, or write a list")
            return node
        }
    }

    /// `test` of a healthcheck: a string is a shell's, a list says how it is run.
    func healthcheckTest(_ node: Node, _ report: inout Report) -> Node {
        if node.string != nil { return node.with(.list([node.made(.string("CMD-SHELL")), node])) }
        let result = list(node, of: .string, &report)
        let words = ["NONE", "CMD", "CMD-SHELL"]
        if let first = node.list?.first, let word = first.string, !words.contains(word) {
            report.problem(
                "must begin with NONE, CMD or CMD-SHELL, not \"\(word)\"",
                at: first.mark,
                hint: "write [\"CMD\", \"\(word)\", …], or one string"
            )
        }
        return result
    }

    /// A mapping, or a list of `key=value`. A key without a value becomes `""`, unless
    /// `nullsStay`.
    func pairs(_ node: Node, nullsStay: Bool, _ report: inout Report) -> Node {
        var result: Node.Mapping = [:]
        switch node.value {
        case .map(let entries):
            result.reserveCapacity(entries.count)
            for (key, value) in entries {
                report.enter(key)
                if value.tag == .reset {
                    result[key] = value.with(.null)
                } else if value.isNull {
                    result[key] = nullsStay ? value : value.with(.string(""))
                } else {
                    result[key] = text(value, &report)
                }
                report.leave()
            }
        case .list(let items):
            for (index, item) in items.enumerated() {
                report.enter(index)
                add(item, nullsStay: nullsStay, to: &result, &report)
                report.leave()
            }
        default:
            return mismatch(node, "a mapping or a list of key=value", &report)
        }
        return node.with(.map(result))
    }

    private func add(
        _ item: Node,
        nullsStay: Bool,
        to result: inout Node.Mapping,
        _ report: inout Report
    ) {
        guard let text = item.string else {
            _ = mismatch(
                item,
                "a string key=value",
                &report,
                hint: item.map.map { _ in "write a mapping, or KEY=value" }
            )
            return
        }
        if let equals = text.firstIndex(of: "=") {
            result[String(text[..<equals])] = item.with(
                .string(String(text[text.index(after: equals)...]))
            )
        } else {
            result[text] = item.with(nullsStay ? .null : .string(""))
        }
    }
}
