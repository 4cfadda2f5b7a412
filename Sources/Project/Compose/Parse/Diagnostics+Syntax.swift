/// What libyaml finds wrong, in words that say what to do. The usual mistakes have their own; for
/// the others libyaml's are given.
extension Diagnostics {
    mutating func syntaxProblem(_ failure: YAMLParser.Failure) {
        if let byte = failure.byte {
            tell(byte, failure)
            return
        }
        let mark = failure.mark
        let line = Array((sources.line(mark) ?? "").unicodeScalars)
        let place = Int(mark.column) - 1
        let sign = line.indices.contains(place) ? line[place] : nil
        // A scan that fails has its beginning to show; it is where the mistake mostly is.
        let start = failure.contextMark ?? mark
        let opened = "it is opened at " + words(for: start, from: Mark(file: mark.file))
        switch (failure.problem, failure.context ?? "") {
        case _ where sign == "\t" && line[..<place].allSatisfy({ $0 == " " || $0 == "\t" }),
            ("found a tab character where an indentation space is expected", _),
            ("found a tab character that violates indentation", _):
            problem("a tab cannot indent YAML", at: mark, hint: "use spaces")
        case ("found character that cannot start any token", _):
            let shown = sign.map { "\"\($0)\"" } ?? "this character"
            problem("\(shown) cannot begin a value", at: mark, hint: "quote the value")
        case ("mapping values are not allowed in this context", _):
            tellOfColon(mark, before: String(String.UnicodeScalarView(line.prefix(place))))
        case ("could not find expected ':'", _):
            problem(
                "a key without \":\"",
                at: start,
                hint: "write \"key: value\", or indent it as a part of the value before"
            )
        case ("did not find expected key", "while parsing a block mapping"):
            problem(
                "the indentation fits no key before it",
                at: mark,
                hint: "indent it like the keys it belongs with, column \(start.column) or deeper"
            )
        case ("did not find expected '-' indicator", _):
            problem(
                "this is not an element of the list before it",
                at: mark,
                hint: "begin it with \"- \", or indent it like the key the list is under"
            )
        case ("block sequence entries are not allowed in this context", _):
            problem(
                "a list cannot begin here",
                at: mark,
                hint: "write it on lines of its own beneath the key"
            )
        case ("did not find expected ',' or ']'", _):
            problem("a \"[\" is not closed", at: mark, hint: opened)
        case ("did not find expected ',' or '}'", _):
            problem("a \"{\" is not closed", at: mark, hint: opened)
        case ("found unexpected end of stream", "while scanning a quoted scalar"):
            problem(
                "a quoted text is not closed",
                at: start,
                hint: "it runs to the end of the file"
            )
        case ("found unknown escape character", _):
            problem(
                "an unknown escape in a text with double quotes",
                at: mark,
                hint: "write \\\\ for a backslash, or put the text in single quotes"
            )
        default:
            let context = failure.context.map { $0 + ": " } ?? ""
            problem(context + failure.problem, at: mark)
        }
    }

    /// A colon where none can be: in a value, behind a key that is indented too far, or behind one
    /// that follows a line without any.
    private mutating func tellOfColon(_ mark: Mark, before: String) {
        let indentation = before.prefix { $0 == " " }.count
        if before.contains(": ") {
            problem(
                "a second \":\" in one line",
                at: mark,
                hint: "quote the value that has \": \" in it"
            )
            return
        }
        var previous = Mark(file: mark.file, line: mark.line, column: 1)
        while previous.line > 1 {
            previous.line -= 1
            let text = sources.line(previous) ?? ""
            guard let first = text.firstIndex(where: { $0 != " " }), text[first] != "#" else {
                continue
            }
            if !text.contains(":") {
                previous.column = UInt32(text.distance(from: text.startIndex, to: first)) + 1
                problem(
                    "a key without \":\"",
                    at: previous,
                    hint: "write \"key: value\""
                )
                return
            }
            break
        }
        problem(
            "the key is indented further than the one before it",
            at: Mark(file: mark.file, line: mark.line, column: UInt32(indentation) + 1),
            hint: "line them up"
        )
    }

    /// The file is no text, or text of another kind.
    private mutating func tell(_ byte: (value: Int, offset: Int), _ failure: YAMLParser.Failure) {
        let mark = sources.mark(ofByte: byte.offset, in: failure.mark)
        let isWide = byte.offset == 0 && (byte.value == 0xFF || byte.value == 0xFE)
        guard !isWide else {
            problem("the file is UTF-16, not UTF-8", at: failure.mark, hint: "save it as UTF-8")
            return
        }
        let hex =
            "0x" + (byte.value < 16 ? "0" : "") + String(byte.value, radix: 16, uppercase: true)
        if failure.problem == "control characters are not allowed" {
            problem(
                "the control character \(hex) at byte \(byte.offset) is not allowed",
                at: mark,
                hint: "remove it, or write it as an escape in double quotes"
            )
        } else {
            problem(
                "the byte \(hex) at offset \(byte.offset) is not UTF-8",
                at: mark,
                hint: "save the file as UTF-8"
            )
        }
    }
}
