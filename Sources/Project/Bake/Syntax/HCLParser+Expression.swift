extension HCLParser {
    /// An expression, the choice `a ? b : c` included.
    mutating func expression() throws(BakeFault) -> HCLExpression {
        try deeper()
        defer { shallower() }
        let condition = try operands(atLeast: 1)
        skip()
        let place = here
        guard take("?") else { return condition }
        let first = try expression()
        try expect(":", "between the two values of a choice")
        return .conditional(condition, first, try expression(), place)
    }

    /// Operands with operators that bind at least so closely between them.
    private mutating func operands(atLeast least: Int) throws(BakeFault) -> HCLExpression {
        var left = try operand()
        var count = 1
        while true {
            skip()
            let place = here
            guard let sign = binaryOperator(), let precedence = sign.precedence,
                precedence >= least
            else { return left }
            count += 1
            guard count <= Self.rowLimit else {
                throw BakeFault(place, "more than \(Self.rowLimit) operands in a row")
            }
            offset += sign.rawValue.utf8.count
            try deeper()
            defer { shallower() }
            left = .binary(sign, left, try operands(atLeast: precedence + 1), place)
        }
    }

    private func binaryOperator() -> HCLExpression.Operator? {
        switch next {
        case UInt8(ascii: "|") where peek(is: "||"): .or
        case UInt8(ascii: "&") where peek(is: "&&"): .and
        case UInt8(ascii: "=") where peek(is: "=="): .equal
        case UInt8(ascii: "!") where peek(is: "!="): .notEqual
        case UInt8(ascii: "<"): peek(is: "<=") ? .lessOrEqual : .less
        case UInt8(ascii: ">"): peek(is: ">=") ? .greaterOrEqual : .greater
        case UInt8(ascii: "+"): .add
        case UInt8(ascii: "-"): .subtract
        case UInt8(ascii: "*"): .multiply
        case UInt8(ascii: "/"): .divide
        case UInt8(ascii: "%"): .remainder
        default: nil
        }
    }

    private mutating func operand() throws(BakeFault) -> HCLExpression {
        skip()
        let place = here
        if take("-") { return .unary(.subtract, try nestedOperand(), place) }
        if peek(is: "!"), !peek(is: "!=") {
            offset += 1
            return .unary(.not, try nestedOperand(), place)
        }
        return try traversal(of: try primary())
    }

    private mutating func nestedOperand() throws(BakeFault) -> HCLExpression {
        try deeper()
        defer { shallower() }
        return try operand()
    }

    private mutating func primary() throws(BakeFault) -> HCLExpression {
        let place = here
        switch next {
        case UInt8(ascii: "\""): return try quoted()
        case UInt8(ascii: "<") where peek(is: "<<"): return try hereDocument()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "("):
            offset += 1
            return try ignoringLineEnds { parser throws(BakeFault) in
                let inner = try parser.expression()
                try parser.expect(")", "to close the parenthesis")
                return inner
            }
        case let byte? where Self.isDigit(byte): return .literal(.number(try number()), place)
        default: break
        }
        guard let name = identifier() else {
            let what = offset == end ? "the file ends" : "this is none"
            throw BakeFault(place, "expected an expression, but \(what)")
        }
        switch name {
        case "true": return .literal(.bool(true), place)
        case "false": return .literal(.bool(false), place)
        case "null": return .literal(.null, place)
        default: break
        }
        guard take("(") else { return .name(name, place) }
        return try call(name, place)
    }

    private mutating func call(_ name: String, _ place: BakePlace) throws(BakeFault)
        -> HCLExpression
    {
        try ignoringLineEnds { parser throws(BakeFault) in
            var arguments: [HCLExpression] = []
            while true {
                parser.skip()
                if parser.take(")") {
                    return .call(name, arguments, spreadsLast: false, place)
                }
                arguments.append(try parser.expression())
                parser.skip()
                if parser.take("...") {
                    try parser.expect(")", "behind ...")
                    return .call(name, arguments, spreadsLast: true, place)
                }
                if !parser.take(",") {
                    try parser.expect(")", "or , behind an argument of \(name)")
                    return .call(name, arguments, spreadsLast: false, place)
                }
            }
        }
    }

    /// `.name`, `[index]` and `[*]` behind a value.
    private mutating func traversal(of first: HCLExpression) throws(BakeFault) -> HCLExpression {
        var value = first
        var levels = 0
        defer { for _ in 0..<levels { shallower() } }
        while true {
            skip()
            let place = here
            if peek(is: "."), !peek(is: "...") {
                offset += 1
                skip()
                if take("*") {
                    value = try attributes(ofEach: value, place)
                } else if let byte = next, Self.isDigit(byte) {
                    let index = HCLExpression.literal(.number(Double(digits()) ?? 0), place)
                    value = .element(value, index, place)
                } else if let name = identifier() {
                    value = .member(value, name, place)
                } else {
                    throw BakeFault(here, "expected a name behind the dot")
                }
            } else if take("[") {
                let isSplat = try ignoringLineEnds { parser throws(BakeFault) in
                    parser.skip()
                    if parser.take("*") {
                        try parser.expect("]", "behind [*")
                        return true
                    }
                    let index = try parser.expression()
                    try parser.expect("]", "behind an index")
                    value = .element(value, index, place)
                    return false
                }
                if isSplat { return try splat(of: value, place) }
            } else {
                return value
            }
            try deeper()
            levels += 1
        }
    }

    /// `.*` is for names only: an index behind them is the whole list's.
    private mutating func attributes(ofEach value: HCLExpression, _ place: BakePlace)
        throws(BakeFault) -> HCLExpression
    {
        var each = HCLExpression.name(HCLExpression.each, place)
        var levels = 0
        defer { for _ in 0..<levels { shallower() } }
        while peek(is: "."), !peek(is: "...") {
            let (start, place) = (offset, here)
            offset += 1
            guard let name = identifier() else {
                offset = start
                break
            }
            each = .member(each, name, place)
            try deeper()
            levels += 1
        }
        return .splat(value, each: each, place)
    }

    private mutating func splat(of value: HCLExpression, _ place: BakePlace) throws(BakeFault)
        -> HCLExpression
    {
        try deeper()
        defer { shallower() }
        return .splat(value, each: try traversal(of: .name(HCLExpression.each, place)), place)
    }

    private mutating func list() throws(BakeFault) -> HCLExpression {
        let place = here
        offset += 1
        return try ignoringLineEnds { parser throws(BakeFault) in
            if parser.startsLoop {
                let loop = try parser.loop(makesObject: false)
                try parser.expect("]", "to close the list")
                return .loop(loop, place)
            }
            var elements: [HCLExpression] = []
            while true {
                parser.skip()
                if parser.take("]") { return .list(elements, place) }
                elements.append(try parser.expression())
                parser.skip()
                if !parser.take(",") {
                    try parser.expect("]", "or , in a list")
                    return .list(elements, place)
                }
            }
        }
    }

    private mutating func object() throws(BakeFault) -> HCLExpression {
        let place = here
        offset += 1
        if startsLoop {
            return try ignoringLineEnds { parser throws(BakeFault) in
                let loop = try parser.loop(makesObject: true)
                try parser.expect("}", "to close the object")
                return .loop(loop, place)
            }
        }
        let outer = ignoresLineEnds
        ignoresLineEnds = false
        defer { ignoresLineEnds = outer }
        var entries: [HCLExpression.Entry] = []
        while true {
            skip(lineEnds: true)
            if take("}") { return .object(entries, place) }
            let key = try objectKey()
            skip()
            guard take("=") || take(":") else {
                throw BakeFault(here, "expected = or : behind a key")
            }
            skip(lineEnds: true)
            entries.append(.init(key: key, value: try expression()))
            skip()
            guard take(",") || peek(is: "\n") || peek(is: "}") else {
                throw BakeFault(here, "expected , or } or the end of the line in an object")
            }
        }
    }

    /// A name is a key by itself; an expression in parentheses is evaluated.
    private mutating func objectKey() throws(BakeFault) -> HCLExpression {
        let (start, place) = (offset, here)
        if let name = identifier() {
            skip()
            if peek(is: "=") || peek(is: ":") { return .literal(.string(name), place) }
            offset = start
        }
        return try operands(atLeast: 1)
    }

    private var startsLoop: Bool {
        var copy = self
        copy.skip(lineEnds: true)
        return copy.identifier() == "for" && (copy.next.map { $0 <= UInt8(ascii: " ") } ?? false)
    }

    private mutating func loop(makesObject: Bool) throws(BakeFault) -> HCLExpression.Loop {
        let (keyName, valueName, collection) = try loopHead()
        try expect(":", "behind the collection")
        var value = try expression()
        var key: HCLExpression?
        if makesObject {
            key = value
            try expect("=>", "between key and value")
            value = try expression()
        }
        skip()
        let groups = makesObject && take("...")
        skip()
        var condition: HCLExpression?
        let start = offset
        if identifier() == "if" { condition = try expression() } else { offset = start }
        return .init(
            keyName: keyName,
            valueName: valueName,
            collection: collection,
            key: key,
            value: value,
            condition: condition,
            groups: groups
        )
    }

    /// `for k, v in collection`.
    mutating func loopHead() throws(BakeFault) -> (String?, String, HCLExpression) {
        skip()
        _ = identifier()
        skip()
        guard var name = identifier() else { throw BakeFault(here, "expected a name behind for") }
        var keyName: String?
        skip()
        if take(",") {
            skip()
            keyName = name
            guard let second = identifier() else { throw BakeFault(here, "expected a second name") }
            name = second
            skip()
        }
        guard identifier() == "in" else { throw BakeFault(here, "expected `in` behind the names") }
        return (keyName, name, try expression())
    }

    /// Reads with the ends of lines as blanks.
    private mutating func ignoringLineEnds<R>(
        _ body: (inout HCLParser) throws(BakeFault) -> R
    ) throws(BakeFault) -> R {
        let outer = ignoresLineEnds
        ignoresLineEnds = true
        defer { ignoresLineEnds = outer }
        return try body(&self)
    }

    mutating func digits() -> Substring {
        let start = offset
        while let byte = next, Self.isDigit(byte) { offset += 1 }
        return Substring(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func number() throws(BakeFault) -> Double {
        let start = here
        var text = String(digits())
        if peek(is: "."), offset + 1 < end, Self.isDigit(bytes[offset + 1]) {
            offset += 1
            text += "." + digits()
        }
        if peek(is: "e") || peek(is: "E") {
            offset += 1
            text += "e"
            if take("-") { text += "-" } else { _ = take("+") }
            text += digits()
        }
        guard let value = Double(text), value.isFinite else {
            throw BakeFault(start, "this number is not valid")
        }
        return value
    }
}
