import TextForms

/// One run of a template. Go's text/template, exec.go.
struct Execution {
    private let template: Template
    private let data: GoValue
    private let showing: (String) -> String
    private var variables: [(name: String, value: GoValue)] = []
    private var out = ""
    /// The name of the template that runs, of those that were defined.
    private var running: String
    private var depth = 0
    private var steps = 0
    /// Lists inside lists, templates counted: the stack has an end.
    private var nesting = 0

    /// How often templates may call each other, one inside the other.
    private static let depthLimit = 200
    private static let nestingLimit = 1000
    private static let stepLimit = 2_000_000
    private static let outputLimit = 64 << 20

    /// How a list of nodes ended.
    private enum Flow { case through, leave, next }

    init(_ template: Template, _ data: GoValue, _ showing: @escaping (String) -> String) {
        self.template = template
        self.data = data
        self.showing = showing
        running = template.name
    }

    mutating func run() throws(TemplateError) -> String {
        variables = [("$", data)]
        _ = try walk(template.root, data)
        return out
    }

    private mutating func walk(_ nodes: [Node], _ dot: GoValue) throws(TemplateError) -> Flow {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingLimit else {
            throw TemplateError("template: \(template.name): nested too deeply")
        }
        for node in nodes {
            steps += 1
            guard steps < Self.stepLimit, out.utf8.count < Self.outputLimit else {
                throw TemplateError("template: \(template.name): it does not come to an end")
            }
            switch node {
            case .text(let text): out += text
            case .action(let pipe):
                let value = try evaluate(pipe, dot)
                if pipe.variables.isEmpty { try print(value, pipe) }
            case .condition(let branch):
                let flow = try scoped { (self) throws(TemplateError) in
                    let value = try self.evaluate(branch.pipe, dot)
                    return try self.walk(value.isTrue ? branch.body : branch.otherwise, dot)
                }
                guard case .through = flow else { return flow }
            case .with(let branch):
                let flow = try scoped { (self) throws(TemplateError) in
                    let value = try self.evaluate(branch.pipe, dot)
                    return value.isTrue
                        ? try self.walk(branch.body, value)
                        : try self.walk(branch.otherwise, dot)
                }
                guard case .through = flow else { return flow }
            case .range(let branch):
                let flow = try scoped { (self) throws(TemplateError) in
                    try self.range(branch, dot)
                }
                guard case .through = flow else { return flow }
            case .template(let name, let pipe, let position):
                try call(name, pipe, position, dot)
            case .leave: return .leave
            case .next: return .next
            }
        }
        return .through
    }

    /// Forgets the variables that `body` declares.
    private mutating func scoped<R>(
        _ body: (inout Execution) throws(TemplateError) -> R
    ) throws(TemplateError) -> R {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        return try body(&self)
    }

    private mutating func print(_ value: GoValue, _ pipe: Pipe) throws(TemplateError) {
        if case .function = value {
            throw error("can't print \(pipe) of type func", at: pipe.position, "\(pipe)")
        }
        out += showing(value.printed)
    }

    private mutating func call(
        _ name: String,
        _ pipe: Pipe?,
        _ position: Int,
        _ dot: GoValue
    ) throws(TemplateError) {
        let shown = "{{template \(GoQuote.quoted(name))\(pipe.map { " \($0)" } ?? "")}}"
        guard let body = template.definitions[name] else {
            throw error("template \(GoQuote.quoted(name)) not defined", at: position, shown)
        }
        guard depth < Self.depthLimit else {
            throw error(
                "exceeded maximum template depth (\(Self.depthLimit))",
                at: position,
                shown
            )
        }
        var inner = GoValue.null
        if let pipe { inner = try evaluate(pipe, dot) }
        let (outer, caller) = (variables, running)
        variables = [("$", inner)]
        running = name
        depth += 1
        _ = try walk(body, inner)
        depth -= 1
        (variables, running) = (outer, caller)
    }

    private mutating func range(
        _ branch: Node.Branch,
        _ dot: GoValue
    ) throws(TemplateError) -> Flow {
        let value = try evaluate(branch.pipe, dot)
        let items: [(GoValue, GoValue)]
        switch value {
        case .list(let values):
            items = values.enumerated().map { (.integer(Int64($0)), $1) }
        case .map(let map): items = map.sorted.map { (.string($0.key), $0.value) }
        case .integer(let count):
            guard count < Int64(Self.stepLimit) else {
                throw TemplateError("template: \(template.name): it does not come to an end")
            }
            items = count < 1 ? [] : (0..<count).map { (.integer($0), .integer($0)) }
        case .nothing: items = []
        case .bool, .float, .string, .function:
            throw error(
                "range can't iterate over \(value.printed)",
                at: branch.pipe.position,
                "\(branch.pipe)"
            )
        }
        guard !items.isEmpty else { return try walk(branch.otherwise, dot) }
        let names = branch.pipe.variables
        for (index, element) in items {
            let flow = try scoped { (self) throws(TemplateError) in
                switch names.count {
                case 1: self.set(names[0], element)
                case 2:
                    self.set(names[0], index)
                    self.set(names[1], element)
                default: break
                }
                return try self.walk(branch.body, element)
            }
            if case .leave = flow { break }
        }
        return .through
    }
}

extension Execution {
    private mutating func evaluate(_ pipe: Pipe, _ dot: GoValue) throws(TemplateError) -> GoValue {
        var value: GoValue?
        for command in pipe.commands { value = try evaluate(command, dot, last: value) }
        let result = value ?? .null
        for name in pipe.variables {
            if pipe.isAssignment { set(name, result) } else { variables.append((name, result)) }
        }
        return result
    }

    private mutating func set(_ name: String, _ value: GoValue) {
        guard let place = variables.lastIndex(where: { $0.name == name }) else { return }
        variables[place].value = value
    }

    private mutating func evaluate(
        _ command: Command,
        _ dot: GoValue,
        last: GoValue?
    ) throws(TemplateError) -> GoValue {
        let first = command.words[0]
        let arguments = Array(command.words.dropFirst())
        switch first.kind {
        case .function(let name):
            return try call(name, first, arguments, dot, last: last, "\(command)")
        case .field(let names):
            return try fields(names, of: dot, first, arguments, dot, last)
        case .variable(let name, let names) where !names.isEmpty:
            return try fields(names, of: variable(name), first, arguments, dot, last)
        case .chain(let inner, let names):
            if case .null = inner.kind {
                throw error("indirection through explicit nil in \(first)", first)
            }
            let value = try evaluate(inner, dot)
            return try fields(names, of: value, first, arguments, dot, last)
        case .null: throw error("nil is not a command", first)
        case .pipe, .variable, .bool, .dot, .number, .string:
            guard arguments.isEmpty, last == nil else {
                throw error("can't give argument to non-function \(first)", first)
            }
            return try evaluate(first, dot)
        }
    }

    /// A word that stands for itself or is an argument.
    private mutating func evaluate(_ word: Operand, _ dot: GoValue) throws(TemplateError) -> GoValue
    {
        switch word.kind {
        case .dot: dot
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(_, let value): value
        case .string(_, let value): .string(value)
        case .function(let name): try call(name, word, [], dot, last: nil, name)
        case .field(let names): try fields(names, of: dot, word, [], dot, nil)
        case .variable(let name, let names):
            try fields(names, of: variable(name), word, [], dot, nil)
        case .chain(let inner, let names):
            try fields(names, of: evaluate(inner, dot), word, [], dot, nil)
        case .pipe(let pipe): try evaluate(pipe, dot)
        }
    }

    private func variable(_ name: String) -> GoValue {
        variables.last { $0.name == name }?.value ?? .null
    }

    /// `.A.B.C`; the last may be a function, which gets the arguments.
    private mutating func fields(
        _ names: [String],
        of start: GoValue,
        _ word: Operand,
        _ arguments: [Operand],
        _ dot: GoValue,
        _ last: GoValue?
    ) throws(TemplateError) -> GoValue {
        var value = start
        for (index, name) in names.enumerated() {
            let isLast = index == names.count - 1
            value = try field(name, of: value, word)
            if case .function(let body) = value {
                var given: [GoValue] = []
                if isLast {
                    for argument in arguments { given.append(try evaluate(argument, dot)) }
                    if let last { given.append(last) }
                }
                value = try called(name, word, "\(word)") { try body(given) }
            } else if isLast, !arguments.isEmpty || last != nil {
                throw error("\(name) is not a method but has arguments", word)
            }
        }
        return value
    }

    private func field(
        _ name: String,
        of value: GoValue,
        _ word: Operand
    ) throws(TemplateError) -> GoValue {
        switch value {
        case .nothing(.pointer(let owner)):
            throw error("map has no entry for key \(GoQuote.quoted(owner))", word)
        case .nothing: return .null
        case .map(let map):
            if let found = map[name] { return found }
            switch map.missing {
            case .absent, .emptyString: return .null
            case .title: return .string(name.uppercased())
            case .error:
                throw error("map has no entry for key \(GoQuote.quoted(name))", word)
            case .unknownField(let type):
                throw error("can't evaluate field \(name) in type \(type)", word)
            }
        default: throw error("can't evaluate field \(name) in type \(value.typeName)", word)
        }
    }

    private mutating func call(
        _ name: String,
        _ word: Operand,
        _ arguments: [Operand],
        _ dot: GoValue,
        last: GoValue?,
        _ whole: String
    ) throws(TemplateError) -> GoValue {
        guard let function = template.functions[name] else {
            throw error("\(GoQuote.quoted(name)) is not a defined function", word)
        }
        let count = arguments.count + (last == nil ? 0 : 1)
        guard count >= function.least, count <= function.most ?? .max else {
            let wanted =
                function.most == function.least ? "\(function.least)" : "at least \(function.least)"
            throw error("wrong number of args for \(name): want \(wanted) got \(count)", word)
        }
        if let stop = function.stopsAt {
            var value = GoValue.null
            for argument in arguments {
                value = try evaluate(argument, dot)
                if value.isTrue == stop { return value }
            }
            return last ?? value
        }
        var given: [GoValue] = []
        for argument in arguments { given.append(try evaluate(argument, dot)) }
        if let last { given.append(last) }
        return try called(name, word, whole) { try function.body(given) }
    }

    private func called(
        _ name: String,
        _ word: Operand,
        _ whole: String,
        _ body: () throws -> GoValue
    ) throws(TemplateError) -> GoValue {
        do {
            return try body()
        } catch let complaint {
            throw error("error calling \(name): \(complaint)", at: word.position, whole)
        }
    }

    private func error(_ message: String, _ word: Operand) -> TemplateError {
        error(message, at: word.position, "\(word)")
    }

    private func error(
        _ message: String,
        at position: Int,
        _ context: String
    ) -> TemplateError {
        let before = Array(template.text.utf8.prefix(position))
        let line = 1 + before.count { $0 == 10 }
        let column = before.lastIndex(of: 10).map { position - $0 - 1 } ?? position
        return TemplateError(
            "template: \(template.name):\(line):\(column): executing "
                + "\(GoQuote.quoted(running)) at <\(context)>: \(message)"
        )
    }
}
