/// Splits a command as the reference does: quotes and backslashes are a shell's, but nothing is
/// expanded, and an operator of the shell ends the command.
struct ShellWords {
    struct Failure: Error {
        var message: String
    }

    /// The words, and the operator at which the command ended.
    private(set) var words: [String] = []
    private(set) var endedAt: Character?

    private enum Quote { case none, single, double, backtick, dollar }

    init(_ text: String) throws(Failure) {
        var word = ""
        var hasWord = false
        var quote = Quote.none
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                word.unicodeScalars.append(scalar)
                (isEscaped, hasWord) = (false, true)
                continue
            }
            switch (scalar, quote) {
            case ("\\", .single): word.append("\\")
            case ("\\", _): isEscaped = true
            case (" ", .none), ("\t", .none), ("\r", .none), ("\n", .none):
                if hasWord { words.append(word) }
                (word, hasWord) = ("", false)
            case ("'", .none): (quote, hasWord) = (.single, true)
            case ("'", .single), ("\"", .double): quote = .none
            case ("\"", .none): (quote, hasWord) = (.double, true)
            case ("`", .none), ("`", .backtick):
                quote = quote == .none ? .backtick : .none
                word.append("`")
                hasWord = true
            case ("(", .none):
                guard word.hasSuffix("$") else { throw Failure(message: "unexpected \"(\"") }
                quote = .dollar
                word.append("(")
            case (")", .none): throw Failure(message: "unexpected \")\"")
            case (")", .dollar):
                quote = .none
                word.append(")")
            case (";", .none), ("&", .none), ("|", .none), ("<", .none), (">", .none):
                endedAt = Character(scalar)
                // `2>` is one operator: the number does not belong to the command.
                let isNumbered =
                    scalar == ">" && word.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } ?? false
                if hasWord, !isNumbered { words.append(word) }
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
        if hasWord { words.append(word) }
    }
}
