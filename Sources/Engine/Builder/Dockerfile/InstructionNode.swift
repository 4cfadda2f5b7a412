/// One instruction as the grammar sees it, before its meaning is looked at.
package struct InstructionNode: Equatable, Sendable {
    /// As written; compare in lower case.
    package var keyword: String
    /// `--name` and `--name=value`, without quotes.
    package var flags: [String]
    package var arguments: Arguments
    package var heredocs: [Heredoc] = []
    /// The logical line, continuations joined.
    package var text: String
    /// Counted from 1, here-documents included.
    package var lines: ClosedRange<Int>
    /// Comments right above it, each from its `#` on.
    package var comments: [String] = []
    /// Of its first character, counted from 1.
    package var column = 1
    /// A blank line stands where it goes on.
    package var hasEmptyContinuation = false
    /// The last line of its own, without here-documents.
    package var continuationEnd = 0

    /// The shapes of arguments.
    package indirect enum Arguments: Equatable, Sendable {
        case none
        /// The rest of the line as it is.
        case text(String)
        case words([String])
        /// The exec form.
        case strings([String])
        /// `name=value …`; `legacy` is the form `name value`.
        case pairs([Pair], legacy: Bool)
        /// HEALTHCHECK: a word, and what follows it.
        case typed(String, Arguments)
        /// ONBUILD: another instruction.
        case instruction(InstructionNode)
    }

    /// One `name=value`, neither unquoted nor expanded.
    package struct Pair: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Takes a logical line apart.
    init(
        line: String,
        lines: ClosedRange<Int>,
        escape: Unicode.Scalar
    ) throws(InstructionError) {
        let (keyword, rest) = line.trimmingBlanks().splitFirstWord()
        let (flags, arguments) = Words.flags(of: rest)
        self.keyword = keyword
        self.flags = flags
        self.text = line
        self.lines = lines
        self.arguments = .none
        self.arguments = try parse(arguments, lines: lines, escape: escape)
    }

    /// Here-documents follow the line of this instruction.
    var mayOpenHeredocs: Bool {
        switch arguments {
        case .instruction(let inner): inner.mayOpenHeredocs
        case .strings: false
        default: ["run", "copy", "add"].contains(keyword.lowercased())
        }
    }

    private func parse(
        _ text: String,
        lines: ClosedRange<Int>,
        escape: Unicode.Scalar
    ) throws(InstructionError) -> Arguments {
        if text.isEmpty { return .none }
        switch keyword.lowercased() {
        case "add", "copy", "volume":
            return JSONForm.strings(of: text).map(Arguments.strings)
                ?? .words(text.splitAtBlanks())
        case "run", "cmd", "entrypoint", "shell":
            return Self.command(text)
        case "env", "label":
            return try pairs(text, escape: escape)
        case "arg":
            return .words(Words.split(text, escape: escape))
        case "expose", "from":
            return .words(text.splitAtBlanks())
        case "healthcheck":
            let (type, command) = text.splitFirstWord()
            return .typed(type, command.isEmpty ? .none : Self.command(command))
        case "onbuild":
            return .instruction(try InstructionNode(line: text, lines: lines, escape: escape))
        case "maintainer", "stopsignal", "user", "workdir":
            return .text(text)
        default:
            // The keyword is reported as unknown later, together with every other problem.
            return .none
        }
    }

    private static func command(_ text: String) -> Arguments {
        JSONForm.strings(of: text).map(Arguments.strings) ?? .text(text)
    }

    /// A blank or an equals sign after the first name decides which form the whole line has.
    private func pairs(
        _ text: String,
        escape: Unicode.Scalar
    ) throws(InstructionError) -> Arguments {
        let words = Words.split(text, escape: escape)
        guard let first = words.first else { return .none }
        guard first.contains("=") else {
            let (name, value) = text.splitFirstWord()
            if value.isEmpty {
                throw InstructionError("\(keyword.uppercased()) must have two arguments")
            }
            return .pairs([Pair(name: name, value: value)], legacy: true)
        }
        var pairs: [Pair] = []
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw InstructionError(
                    "Syntax error - can't find = in \"\(word)\". Must be of the form: name=value"
                )
            }
            pairs.append(
                Pair(
                    name: String(word[..<equals]),
                    value: String(word[word.index(after: equals)...])
                )
            )
        }
        return .pairs(pairs, legacy: false)
    }
}
