/// What a template consists of. Positions are byte offsets in the template's text.
indirect enum Node: Sendable {
    case text(String)
    case action(Pipe)
    case condition(Branch)
    case with(Branch)
    case range(Branch)
    case template(name: String, Pipe?, position: Int)
    case leave(position: Int)
    case next(position: Int)

    /// `{{if}}`, `{{with}}`, `{{range}}` with what they hold.
    struct Branch: Sendable {
        var pipe: Pipe
        var body: [Node]
        var otherwise: [Node]
    }
}

/// `$x, $y := first | second`.
struct Pipe: Sendable {
    var position: Int
    var variables: [String] = []
    /// `=` where `false` is `:=`.
    var isAssignment = false
    var commands: [Command] = []
}

/// A function, field or value, and the arguments after it.
struct Command: Sendable {
    var position: Int
    var words: [Operand]
}

/// One word of a command.
struct Operand: Sendable {
    var position: Int
    var kind: Kind

    indirect enum Kind: Sendable {
        case dot
        case null
        case bool(Bool)
        case number(text: String, GoValue)
        case string(quoted: String, String)
        case function(String)
        case field([String])
        case variable(String, [String])
        case chain(Operand, [String])
        case pipe(Pipe)
    }
}

extension Operand: CustomStringConvertible {
    /// As Go's errors quote it.
    var description: String {
        func fields(_ names: [String]) -> String { names.map { "." + $0 }.joined() }
        switch kind {
        case .dot: return "."
        case .null: return "nil"
        case .bool(let value): return value ? "true" : "false"
        case .number(let text, _): return text
        case .string(let quoted, _): return quoted
        case .function(let name): return name
        case .field(let names): return fields(names)
        case .variable(let name, let names): return name + fields(names)
        case .chain(let inner, let names):
            if case .pipe = inner.kind { return "(\(inner))" + fields(names) }
            return "\(inner)" + fields(names)
        case .pipe(let pipe): return "\(pipe)"
        }
    }
}

extension Command: CustomStringConvertible {
    var description: String {
        words.map { word in
            if case .pipe = word.kind { "(\(word))" } else { "\(word)" }
        }.joined(separator: " ")
    }
}

extension Pipe: CustomStringConvertible {
    var description: String {
        let declared =
            variables.isEmpty
            ? "" : variables.joined(separator: ", ") + (isAssignment ? " = " : " := ")
        return declared + commands.map(\.description).joined(separator: " | ")
    }
}
