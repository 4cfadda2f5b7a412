/// Splits a command as the reference does: quotes and backslashes are a shell's, but nothing is
/// expanded, and an operator of the shell ends the command.
struct ShellWords {
    struct Failure: Error {
        var message: String
    }

    private(set) var words: [String] = []
    /// What an operator of the shell cuts off, the operator first: `&& b`.
    private(set) var dropped: String?
    /// The first text that a shell would replace and that stays as it is: `$(date)`, `$HOME`.
    private(set) var unexpanded: String?

    private enum Quote { case none, single, double, backtick, dollar }

    private var word = ""
    private var hasWord = false
    /// A quote or a backslash says that the word is meant as it is.
    private var isLiteral = false

    init(_ text: String) throws(Failure) {
        var quote = Quote.none
        var isEscaped = false
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            if isEscaped {
                word.unicodeScalars.append(scalar)
                (isEscaped, hasWord, isLiteral) = (false, true, true)
                continue
            }
            switch (scalar, quote) {
            case ("\\", .single): word.append("\\")
            case ("\\", _): isEscaped = true
            case (" ", .none), ("\t", .none), ("\r", .none), ("\n", .none): endWord()
            case ("'", .none): (quote, hasWord, isLiteral) = (.single, true, true)
            case ("'", .single), ("\"", .double): quote = .none
            case ("\"", .none): (quote, hasWord) = (.double, true)
            case ("`", .none), ("`", .backtick):
                word.append("`")
                if quote == .backtick { noteSubstitution(from: "`") }
                quote = quote == .none ? .backtick : .none
                hasWord = true
            case ("(", .none):
                guard word.hasSuffix("$") else { throw Failure(message: "unexpected \"(\"") }
                quote = .dollar
                word.append("(")
            case (")", .none): throw Failure(message: "unexpected \")\"")
            case (")", .dollar):
                quote = .none
                word.append(")")
                noteSubstitution(from: "$")
            case (";", .none), ("&", .none), ("|", .none), ("<", .none), (">", .none):
                end(at: scalar, rest: String(text[index...]))
                return
            default:
                word.unicodeScalars.append(scalar)
                hasWord = true
            }
        }
        guard !isEscaped else { throw Failure(message: "a backslash at the end escapes nothing") }
        switch quote {
        case .none: break
        case .single: throw Failure(message: "a ' is not closed")
        case .double: throw Failure(message: "a \" is not closed")
        case .backtick: throw Failure(message: "a ` is not closed")
        case .dollar: throw Failure(message: "a $( is not closed")
        }
        endWord()
    }

    private mutating func endWord() {
        if hasWord {
            words.append(word)
            if unexpanded == nil, !isLiteral, !word.contains(" ") {
                unexpanded = Self.variable(in: word)
            }
        }
        (word, hasWord, isLiteral) = ("", false, false)
    }

    private mutating func end(at sign: Unicode.Scalar, rest: String) {
        // `2>` is one operator: the number does not belong to the command.
        let isNumbered = sign == ">" && word.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } ?? false
        dropped = isNumbered ? word + rest : rest
        if isNumbered { hasWord = false }
        endWord()
    }

    private mutating func noteSubstitution(from sign: Character) {
        guard unexpanded == nil, !isLiteral else { return }
        guard let last = sign == "$" ? word.lastIndex(of: "$") : word.firstIndex(of: sign) else {
            return
        }
        unexpanded = String(word[last...])
    }

    /// `$HOME` or `${HOME}` in a word.
    private static func variable(in word: String) -> String? {
        guard let dollar = word.firstIndex(of: "$") else { return nil }
        let rest = word[word.index(after: dollar)...]
        let isLetter = { (character: Character) in
            character == "_" || character.isASCII && character.isLetter
        }
        if rest.first == "{", let close = rest.firstIndex(of: "}") {
            return String(word[dollar...close])
        }
        guard rest.first.map(isLetter) == true else { return nil }
        return "$" + rest.prefix { isLetter($0) || $0.isASCII && $0.isNumber }
    }

    /// A program that gives operators and `$` their meaning.
    static func isShell(_ word: String) -> Bool {
        ["sh", "bash", "ash", "dash", "zsh", "ksh", "fish", "busybox", "eval"]
            .contains(PathBase.name(word))
    }
}
