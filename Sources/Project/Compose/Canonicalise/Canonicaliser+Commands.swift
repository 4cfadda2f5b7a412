extension Canonicaliser {
    /// A string is split like a shell's words; a list is taken as it is.
    func canonicaliseCommand(_ node: inout Node, _ diagnostics: inout Diagnostics) {
        guard let text = node.string else {
            guard node.list != nil else {
                return node = mismatch(node, "a string or a list", &diagnostics)
            }
            canonicaliseParts(of: &node, .elements(.init(.string)), &diagnostics)
            return warnOfOperators(in: node.list ?? [], &diagnostics)
        }
        do {
            let parsed = try ShellWords(text)
            warn(of: parsed, text, node, &diagnostics)
            if isLenient { return }
            node.value = .list(parsed.words.map { node.made(.string($0)) })
        } catch {
            diagnostics.problem(error.message, at: node.mark, hint: "quote it, or write a list")
        }
    }

    /// What a shell would have made of a command that none runs.
    private func warn(
        of parsed: ShellWords,
        _ text: String,
        _ node: Node,
        _ diagnostics: inout Diagnostics
    ) {
        guard !diagnostics.isFullOfWarnings else { return }
        if let dropped = parsed.dropped {
            let sign = dropped.prefix { !$0.isWhitespace && !$0.isLetter && $0 != "/" }
            diagnostics.warning(
                "no shell runs this command: from \"\(sign)\" on it is dropped",
                at: diagnostics.sources.find(Self.firstLine(dropped), from: node.mark) ?? node.mark,
                hint: "write " + Self.shellForm(of: text)
            )
        }
        if let unexpanded = parsed.unexpanded, !parsed.words.contains(where: ShellWords.isShell) {
            diagnostics.warning(
                "no shell runs this command: \(unexpanded) is passed as it is",
                at: diagnostics.sources.find("$" + unexpanded, from: node.mark)
                    ?? diagnostics.sources.find(unexpanded, from: node.mark) ?? node.mark,
                hint: "write " + Self.shellForm(of: text)
            )
        }
    }

    private static func firstLine(_ text: String) -> String {
        let line = text.prefix(Sources.shownBytes).prefix { $0 != "\n" }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// The command as a list that a shell runs, ready to be put into the file.
    private static func shellForm(of text: String) -> String {
        let script = text.prefix(200).split(separator: "\n").joined(separator: " ")
        guard script.utf8.count <= 72 else { return "[\"sh\", \"-c\", \"…\"]" }
        return "[\"sh\", \"-c\", \(quoted(script))]"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("$", with: "$$")
        return "\"\(escaped)\""
    }

    /// An operator of the shell as an argument of a program: the program gets it as a text.
    private func warnOfOperators(
        in items: [Node],
        hint: @autoclosure () -> String =
            "write [\"sh\", \"-c\", \"…\"] with the whole command as one string",
        _ diagnostics: inout Diagnostics
    ) {
        for (index, item) in items.enumerated().dropFirst() {
            guard let text = item.string else { continue }
            // `cut -d "|"` means the sign.
            let isValue = items[index - 1].string?.hasPrefix("-") ?? false
            guard ["&&", "||", ">>", "2>&1"].contains(text) || text == "|" && !isValue else {
                continue
            }
            diagnostics.warning(
                "no shell runs this list: \"\(text)\" is passed as an argument",
                at: item.mark,
                hint: hint()
            )
            return
        }
    }

    /// The test as one string, which a shell runs.
    private static func testForm(of items: [Node]) -> String {
        let script = items.dropFirst().compactMap(\.string).joined(separator: " ")
        guard script.utf8.count <= 72, !script.contains("\n") else {
            return "write the whole command as one string, which a shell runs"
        }
        return "write one string, which a shell runs: \(quoted(script))"
    }

    /// `test` of a healthcheck: a string is a shell's, a list says how it is run.
    func canonicaliseTest(_ node: inout Node, _ diagnostics: inout Diagnostics) {
        if node.isString {
            if isLenient { return }
            return node.value = .list([node.made(.string("CMD-SHELL")), node])
        }
        canonicaliseParts(of: &node, .elements(.init(.string)), &diagnostics)
        guard let items = node.list, let first = items.first, let word = first.string else {
            return
        }
        switch word {
        case "NONE": break
        case "CMD":
            if items.count == 2, let program = items[1].string, program.contains(" ") {
                diagnostics.warning(
                    "CMD runs a program named \"\(program)\", spaces included",
                    at: items[1].mark,
                    hint: Self.testForm(of: items)
                )
            }
            warnOfOperators(in: items, hint: Self.testForm(of: items), &diagnostics)
        case "CMD-SHELL":
            guard items.count > 2, let script = items[1].string else { break }
            diagnostics.warning(
                "CMD-SHELL runs \"\(script)\", and nothing of what follows it",
                at: items[2].mark,
                hint: Self.testForm(of: items)
            )
        default:
            diagnostics.problem(
                "must begin with NONE, CMD or CMD-SHELL, not \"\(word)\"",
                at: first.mark,
                hint: "write [\"CMD\", \"\(word)\", …], or one string"
            )
        }
    }
}
