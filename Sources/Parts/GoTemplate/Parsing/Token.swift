/// One word of a template, and where it begins, in bytes.
struct Token: Equatable {
    var kind: Kind
    /// As written.
    var text: String
    var position: Int

    enum Kind: Equatable {
        case text, open, close, space, end
        case pipe, leftParenthesis, rightParenthesis, comma, declare, assign
        case dot, field, variable, identifier, keyword
        case bool, null, number, character, string, rawString
    }

    static let keywords: Set<String> = [
        "block", "break", "continue", "define", "else", "end", "if", "range", "template", "with",
    ]
}
