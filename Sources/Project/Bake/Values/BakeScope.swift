/// What expressions of the files can name, each evaluated when something asks for it, once.
struct BakeScope {
    /// A variable, or an attribute of a block that another one names.
    enum Global {
        case written(HCLExpression)
        case running
        case known(BakeValue)
    }

    /// A function that a file defines.
    struct Function {
        var parameters: [String]
        /// The parameter that has all further arguments, as a list.
        var rest: String?
        var result: HCLExpression
    }

    /// By name; attributes of blocks as `target.app.tags`.
    var globals: [String: Global] = [:]
    /// `target.app`, `group.default`: what may stand before the name of an attribute.
    var blocks: Set<String> = []
    var functions: [String: Function] = [:]
    /// Nanoseconds since 1970, for `timestamp()`.
    var now: Int64 = 0

    /// So many expressions are evaluated at most: a file that nests loops would never end.
    private static let stepLimit = 500_000
    /// So many bytes may all values have that are made.
    private static let weightLimit = 64 << 20
    /// So deep may functions call each other.
    private static let depthLimit = 400

    private var steps = 0
    private var weight = 0
    private var depth = 0
    /// How many names were not found: only the first ones get a hint, which looks at all names.
    var misses = 0

    typealias Locals = [String: BakeValue]

    /// The value of an expression; `locals` win over what the files define.
    mutating func value(of expression: HCLExpression, _ locals: Locals = [:]) throws(BakeFault)
        -> BakeValue
    {
        steps += 1
        depth += 1
        defer { depth -= 1 }
        guard steps <= Self.stepLimit, depth <= Self.depthLimit else {
            throw Self.tooMuch(expression.place)
        }
        let value = try evaluate(expression, locals)
        try charge(value, times: 1, expression.place)
        return value
    }

    /// Counts the document that is made of a value, which is larger than the value.
    mutating func chargeDocument(_ value: BakeValue, _ place: BakePlace) throws(BakeFault) {
        try charge(value, times: 4, place)
    }

    private mutating func charge(_ value: BakeValue, times: Int, _ place: BakePlace)
        throws(BakeFault)
    {
        weight += times * value.weight(within: max(0, Self.weightLimit - weight))
        guard weight <= Self.weightLimit else { throw Self.tooMuch(place) }
    }

    private static func tooMuch(_ place: BakePlace) -> BakeFault {
        BakeFault(place, "this takes more than bake files may: steps, memory or calls within calls")
    }

    /// The value that a part is taken of: as only the part goes on, a variable costs a step alone.
    private mutating func whole(_ expression: HCLExpression, _ locals: Locals) throws(BakeFault)
        -> BakeValue
    {
        guard case .name(let name, let place) = expression else {
            return try value(of: expression, locals)
        }
        steps += 1
        guard steps <= Self.stepLimit else { throw Self.tooMuch(place) }
        if let value = locals[name] { return value }
        return try global(name, place)
    }

    private mutating func evaluate(_ expression: HCLExpression, _ locals: Locals)
        throws(BakeFault) -> BakeValue
    {
        switch expression {
        case .literal(let value, _): return value
        case .template(let parts, let place):
            var text = ""
            try append(parts, to: &text, locals, place)
            return .string(text)
        case .list(let elements, _):
            var values: [BakeValue] = []
            for element in elements { values.append(try value(of: element, locals)) }
            return .list(values)
        case .object(let entries, _): return try object(entries, locals)
        case .name(let name, let place):
            if let value = locals[name] { return value }
            return try global(name, place)
        case .member(let base, let name, let place):
            if let path = path(of: expression, locals) { return try global(path, place) }
            return try member(name, of: try whole(base, locals), place)
        case .element(let base, let index, let place):
            return try element(of: whole(base, locals), at: value(of: index, locals), place)
        case .splat(let base, let each, _): return try splat(value(of: base, locals), each, locals)
        case .call(let name, let arguments, let spreads, let place):
            return try call(name, arguments, spreads, place, locals)
        case .unary(let sign, let operand, let place):
            return try Self.apply(sign, value(of: operand, locals), place)
        case .binary(let sign, let left, let right, let place):
            return try binary(sign, left, right, place, locals)
        case .conditional(let condition, let first, let second, let place):
            let isMet = try bool(condition, locals, place)
            return try value(of: isMet ? first : second, locals)
        case .loop(let loop, let place): return try carryOut(loop, place, locals)
        }
    }

    // MARK: Names

    /// `target.app.tags` of an expression that names an attribute of a block.
    private func path(of expression: HCLExpression, _ locals: Locals) -> String? {
        guard case .member(.member(.name(let type, _), let label, _), let name, _) = expression,
            locals[type] == nil, globals[type] == nil, blocks.contains("\(type).\(label)")
        else { return nil }
        return "\(type).\(label).\(name)"
    }

    /// A variable's value.
    mutating func global(_ name: String, _ place: BakePlace) throws(BakeFault) -> BakeValue {
        switch globals[name] {
        case .known(let value): return value
        case .running: throw BakeFault(place, "\(name) needs itself")
        case nil:
            misses += 1
            let near = misses <= BakeEvaluation.faultLimit ? nearestName(to: name) : nil
            throw BakeFault(
                place,
                "there is no variable \(name)",
                hint: near ?? "define it: variable \"\(name)\" {}"
            )
        case .written(let expression):
            globals[name] = .running
            do throws(BakeFault) {
                let result = try value(of: expression)
                globals[name] = .known(result)
                return result
            } catch {
                globals[name] = .written(expression)
                throw error
            }
        }
    }

    // MARK: Parts

    private mutating func object(_ entries: [HCLExpression.Entry], _ locals: Locals)
        throws(BakeFault) -> BakeValue
    {
        var members: [String: BakeValue] = [:]
        for entry in entries {
            guard let key = try value(of: entry.key, locals).text else {
                throw BakeFault(entry.key.place, "a key is a text")
            }
            members[key] = try value(of: entry.value, locals)
        }
        return .object(members)
    }

    private mutating func splat(
        _ base: BakeValue,
        _ each: HCLExpression,
        _ locals: Locals
    ) throws(BakeFault) -> BakeValue {
        let elements =
            switch base {
            case .list(let elements): elements
            case .null: [BakeValue]()
            default: [base]
            }
        var values: [BakeValue] = []
        for element in elements {
            var inner = locals
            inner[HCLExpression.each] = element
            values.append(try value(of: each, inner))
        }
        return .list(values)
    }

    private mutating func append(
        _ parts: [TemplatePart],
        to text: inout String,
        _ locals: Locals,
        _ place: BakePlace
    ) throws(BakeFault) {
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let expression):
                let value = try value(of: expression, locals)
                guard let piece = value.text else {
                    throw BakeFault(
                        expression.place,
                        "\(value.kind) cannot be part of a text",
                        hint: value.pairs == nil ? nil : "use join() or jsonencode()"
                    )
                }
                text += piece
            case .condition(let condition, let then, let otherwise):
                let isMet = try bool(condition, locals, condition.place)
                try append(isMet ? then : otherwise, to: &text, locals, place)
            case .loop(let keyName, let valueName, let collection, let inner):
                let value = try value(of: collection, locals)
                guard let pairs = value.pairs else {
                    throw BakeFault(collection.place, "\(value.kind) has no parts to walk over")
                }
                for pair in pairs {
                    steps += 1
                    var scope = locals
                    if let keyName { scope[keyName] = pair.key }
                    scope[valueName] = pair.value
                    try append(inner, to: &text, scope, place)
                }
            }
            guard text.utf8.count + weight <= Self.weightLimit else {
                throw BakeFault(place, "this text is too long")
            }
        }
    }

    private mutating func carryOut(
        _ loop: HCLExpression.Loop,
        _ place: BakePlace,
        _ locals: Locals
    ) throws(BakeFault) -> BakeValue {
        let collection = try value(of: loop.collection, locals)
        guard let pairs = collection.pairs else {
            throw BakeFault(loop.collection.place, "\(collection.kind) has no parts to walk over")
        }
        var (elements, members): ([BakeValue], [String: BakeValue]) = ([], [:])
        var grouped: [String: [BakeValue]] = [:]
        for pair in pairs {
            var scope = locals
            if let name = loop.keyName { scope[name] = pair.key }
            scope[loop.valueName] = pair.value
            if let condition = loop.condition {
                guard try bool(condition, scope, condition.place) else { continue }
            }
            let result = try value(of: loop.value, scope)
            guard let key = loop.key else {
                elements.append(result)
                continue
            }
            guard let name = try value(of: key, scope).text else {
                throw BakeFault(key.place, "a key is a text")
            }
            guard loop.groups else {
                guard members.updateValue(result, forKey: name) == nil else {
                    throw BakeFault(
                        key.place,
                        "two entries have the key \(name)",
                        hint: "write ... behind the value for a list of them"
                    )
                }
                continue
            }
            grouped[name, default: []].append(result)
        }
        if loop.groups { members = grouped.mapValues { .list($0) } }
        return loop.key == nil ? .list(elements) : .object(members)
    }
}
