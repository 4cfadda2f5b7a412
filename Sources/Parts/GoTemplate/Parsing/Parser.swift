import TextForms

/// Makes nodes of tokens. Go's text/template/parse, parse.go.
struct Parser {
    private let tokens: [Token]
    private let text: [UInt8]
    private let name: String
    private let functions: Set<String>
    private var next = 0
    private var variables = ["$"]
    private var rangeDepth = 0
    private var nesting = 0
    /// What `define` and `block` made, by name.
    private(set) var definitions: [String: [Node]] = [:]

    private static let nestingLimit = 200

    /// `functions` are the names that may be called.
    init(_ text: String, name: String, functions: Set<String>) throws(TemplateError) {
        tokens = try Lexer.tokens(of: text, name: name)
        self.text = Array(text.utf8)
        self.name = name
        self.functions = functions
    }

    /// The template itself; `definitions` are complete afterwards.
    mutating func parse() throws(TemplateError) -> [Node] {
        var nodes: [Node] = []
        while peek.kind != .end {
            if peek.kind == .open, isDefine {
                try define()
                continue
            }
            switch try textOrAction() {
            case .node(let node): nodes.append(node)
            case .end: throw error("unexpected {{end}}")
            case .otherwise: throw error("unexpected {{else}}")
            }
        }
        return nodes
    }

    /// One piece of a list, or what ends the list.
    private enum Piece {
        case node(Node)
        case end
        case otherwise
    }

    private var isDefine: Bool {
        let after = tokens[(next + 1)...].first { $0.kind != .space }
        return after?.kind == .keyword && after?.text == "define"
    }

    private mutating func define() throws(TemplateError) {
        take()
        takeNonSpace()
        let name = try templateName(in: "define clause")
        try expect(.close, in: "define clause")
        let outer = variables
        variables = ["$"]
        let (body, end) = try list()
        guard case .end = end else { throw error("unexpected {{else}} in define clause") }
        definitions[name] = body
        variables = outer
    }

    /// Up to `{{end}}` or `{{else}}`.
    private mutating func list() throws(TemplateError) -> ([Node], Piece) {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.nestingLimit else { throw error("nested too deeply") }
        var nodes: [Node] = []
        while peek.kind != .end {
            let piece = try textOrAction()
            guard case .node(let node) = piece else { return (nodes, piece) }
            nodes.append(node)
        }
        throw error("unexpected EOF")
    }

    private mutating func textOrAction() throws(TemplateError) -> Piece {
        let token = take()
        if token.kind == .text { return .node(.text(token.text)) }
        guard token.kind == .open else { throw unexpected(token, in: "input") }
        guard peekNonSpace.kind == .keyword else {
            return .node(.action(try pipeline("command", until: .close)))
        }
        let keyword = takeNonSpace()
        switch keyword.text {
        case "if": return .node(.condition(try control("if")))
        case "with": return .node(.with(try control("with")))
        case "range": return .node(.range(try control("range")))
        case "template": return .node(try templateAction())
        case "block": return .node(try block())
        case "break", "continue":
            try expect(.close, in: "{{\(keyword.text)}}")
            guard rangeDepth > 0 else { throw error("{{\(keyword.text)}} outside {{range}}") }
            return .node(
                keyword.text == "break"
                    ? .leave(position: keyword.position) : .next(position: keyword.position)
            )
        case "end":
            try expect(.close, in: "end")
            return .end
        case "else":
            let after = peekNonSpace
            if after.kind != .keyword || after.text != "if" && after.text != "with" {
                try expect(.close, in: "else")
            }
            return .otherwise
        default: throw unexpected(keyword, in: "command")
        }
    }

    private mutating func control(_ context: String) throws(TemplateError) -> Node.Branch {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let pipe = try pipeline(context, until: .close)
        if context == "range" { rangeDepth += 1 }
        let (body, end) = try list()
        if context == "range" { rangeDepth -= 1 }
        guard case .otherwise = end else {
            return Node.Branch(pipe: pipe, body: body, otherwise: [])
        }
        if peekNonSpace.kind == .keyword {
            let keyword = takeNonSpace()
            guard keyword.text == context else { throw unexpected(keyword, in: "else") }
            nesting += 1
            defer { nesting -= 1 }
            guard nesting <= Self.nestingLimit else { throw error("nested too deeply") }
            let inner = try control(context)
            let node: Node = context == "if" ? .condition(inner) : .with(inner)
            return Node.Branch(pipe: pipe, body: body, otherwise: [node])
        }
        let (otherwise, last) = try list()
        guard case .end = last else { throw error("expected end; found {{else}}") }
        return Node.Branch(pipe: pipe, body: body, otherwise: otherwise)
    }

    private mutating func templateAction() throws(TemplateError) -> Node {
        let position = peekNonSpace.position
        let name = try templateName(in: "template clause")
        guard peekNonSpace.kind != .close else {
            takeNonSpace()
            return .template(name: name, nil, position: position)
        }
        let pipe = try pipeline("template clause", until: .close)
        return .template(name: name, pipe, position: position)
    }

    private mutating func block() throws(TemplateError) -> Node {
        let position = peekNonSpace.position
        let name = try templateName(in: "block clause")
        let pipe = try pipeline("block clause", until: .close)
        let (outer, depth) = (variables, rangeDepth)
        variables = ["$"]
        rangeDepth = 0
        let (body, end) = try list()
        guard case .end = end else { throw error("unexpected {{else}} in block clause") }
        variables = outer
        rangeDepth = depth
        definitions[name] = body
        return .template(name: name, pipe, position: position)
    }

    private mutating func templateName(in context: String) throws(TemplateError) -> String {
        let token = takeNonSpace()
        guard token.kind == .string || token.kind == .rawString else {
            throw unexpected(token, in: context)
        }
        guard let name = GoNumber.unquoted(token.text) else { throw error("invalid syntax") }
        return name
    }
}

extension Parser {
    private mutating func pipeline(
        _ context: String,
        until end: Token.Kind
    ) throws(TemplateError) -> Pipe {
        var pipe = Pipe(position: peekNonSpace.position)
        try declarations(of: &pipe, context)
        while true {
            let token = peekNonSpace
            switch token.kind {
            case end:
                takeNonSpace()
                try check(pipe, context)
                return pipe
            case .bool, .character, .dot, .field, .identifier, .number, .null, .rawString, .string,
                .variable, .leftParenthesis:
                pipe.commands.append(try command())
            default: throw unexpected(token, in: context)
            }
        }
    }

    /// `$x :=`, `$x =`, and for range `$i, $x :=`.
    private mutating func declarations(
        of pipe: inout Pipe,
        _ context: String
    ) throws(TemplateError) {
        while peekNonSpace.kind == .variable {
            let start = next
            let variable = takeNonSpace()
            let after = peekNonSpace
            switch after.kind {
            case .assign, .declare:
                takeNonSpace()
                pipe.isAssignment = after.kind == .assign
                declare(variable.text, in: &pipe)
                return
            case .comma:
                takeNonSpace()
                declare(variable.text, in: &pipe)
                guard context == "range", pipe.variables.count < 2 else {
                    throw error("too many declarations in \(context)")
                }
                guard [.variable, .close, .rightParenthesis].contains(peekNonSpace.kind) else {
                    throw error("range can only initialize variables")
                }
            default:
                next = start
                return
            }
        }
    }

    private mutating func declare(_ name: String, in pipe: inout Pipe) {
        pipe.variables.append(name)
        variables.append(name)
    }

    private func check(_ pipe: Pipe, _ context: String) throws(TemplateError) {
        guard !pipe.commands.isEmpty else { throw error("missing value for \(context)") }
        for (index, command) in pipe.commands.enumerated().dropFirst() {
            switch command.words[0].kind {
            case .bool, .dot, .null, .number, .string:
                throw error("non executable command in pipeline stage \(index + 1)")
            default: continue
            }
        }
    }

    private mutating func command() throws(TemplateError) -> Command {
        var command = Command(position: peekNonSpace.position, words: [])
        while true {
            skipSpace()
            if let word = try operand() { command.words.append(word) }
            let token = peek
            switch token.kind {
            case .space:
                take()
                continue
            case .close, .rightParenthesis: break
            case .pipe: take()
            default: throw unexpected(token, in: "operand")
            }
            break
        }
        guard !command.words.isEmpty else { throw error("empty command") }
        return command
    }

    private mutating func operand() throws(TemplateError) -> Operand? {
        guard let first = try term() else { return nil }
        guard peek.kind == .field else { return first }
        let position = peek.position
        var names: [String] = []
        while peek.kind == .field { names.append(String(take().text.dropFirst())) }
        switch first.kind {
        case .field(let before):
            return Operand(position: position, kind: .field(before + names))
        case .variable(let name, let before):
            return Operand(position: position, kind: .variable(name, before + names))
        case .bool, .string, .number, .null, .dot:
            throw error("unexpected . after term \(GoQuote.quoted("\(first)"))")
        case .function, .chain, .pipe:
            return Operand(position: position, kind: .chain(first, names))
        }
    }

    private mutating func term() throws(TemplateError) -> Operand? {
        let token = peek
        let kind: Operand.Kind
        switch token.kind {
        case .identifier:
            guard functions.contains(token.text) else {
                throw error("function \(GoQuote.quoted(token.text)) not defined")
            }
            kind = .function(token.text)
        case .dot: kind = .dot
        case .null: kind = .null
        case .bool: kind = .bool(token.text == "true")
        case .field: kind = .field([String(token.text.dropFirst())])
        case .variable:
            guard variables.contains(token.text) else {
                throw error("undefined variable \(GoQuote.quoted(token.text))")
            }
            kind = .variable(token.text, [])
        case .number: kind = .number(text: token.text, GoNumber.value(token.text) ?? .null)
        case .character:
            let scalars = GoNumber.unquoted(token.text).map { Array($0.unicodeScalars) } ?? []
            guard scalars.count == 1 else {
                throw error("malformed character constant: \(token.text)")
            }
            kind = .number(text: token.text, .integer(Int64(scalars[0].value)))
        case .string, .rawString:
            guard let value = GoNumber.unquoted(token.text) else { throw error("invalid syntax") }
            kind = .string(quoted: token.text, value)
        case .leftParenthesis:
            take()
            nesting += 1
            defer { nesting -= 1 }
            guard nesting <= Self.nestingLimit else { throw error("nested too deeply") }
            let inner = try pipeline("parenthesized pipeline", until: .rightParenthesis)
            return Operand(position: inner.position, kind: .pipe(inner))
        default: return nil
        }
        take()
        return Operand(position: token.position, kind: kind)
    }
}

extension Parser {
    private var peek: Token { tokens[min(next, tokens.count - 1)] }

    private var peekNonSpace: Token {
        tokens[min(next, tokens.count - 1)...].first { $0.kind != .space } ?? peek
    }

    @discardableResult
    private mutating func take() -> Token {
        defer { next = min(next + 1, tokens.count - 1) }
        return peek
    }

    @discardableResult
    private mutating func takeNonSpace() -> Token {
        skipSpace()
        return take()
    }

    private mutating func skipSpace() { while peek.kind == .space { take() } }

    private mutating func expect(_ kind: Token.Kind, in context: String) throws(TemplateError) {
        let token = takeNonSpace()
        guard token.kind == kind else { throw unexpected(token, in: context) }
    }

    private func unexpected(_ token: Token, in context: String) -> TemplateError {
        let shown: String
        switch token.kind {
        case .end: shown = "EOF"
        case .keyword: shown = "<\(token.text)>"
        default:
            let isLong = token.text.utf8.count > 10
            shown = GoQuote.quoted(String(token.text.prefix(10))) + (isLong ? "..." : "")
        }
        return error("unexpected \(shown) in \(context)")
    }

    /// At the line of the token last taken.
    private func error(_ message: String) -> TemplateError {
        let place = next > 0 ? tokens[min(next, tokens.count) - 1].position : 0
        let line = 1 + text.prefix(place).count { $0 == 10 }
        return TemplateError("template: \(name):\(line): \(message)")
    }
}
