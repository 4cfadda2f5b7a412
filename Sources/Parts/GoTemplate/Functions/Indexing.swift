/// `len`, `index` and `slice`. Texts count in bytes.
enum Indexing {
    static func length(of value: GoValue) throws -> GoValue {
        switch value {
        case .string(let text): .integer(Int64(text.utf8.count))
        case .list(let values): .integer(Int64(values.count))
        case .map(let map): .integer(Int64(map.entries.count))
        case .nothing(.list), .nothing(.map): .integer(0)
        case .nothing(.absent): throw FunctionError("len of nil pointer")
        default: throw FunctionError("len of type \(value.typeName)")
        }
    }

    /// `index value key…`, one step into the value for each key.
    static func index(_ arguments: [GoValue]) throws -> GoValue {
        var value = arguments[0]
        if case .nothing(.absent) = value { throw FunctionError("index of untyped nil") }
        for key in arguments.dropFirst() { value = try step(into: value, key) }
        return value
    }

    private static func step(into value: GoValue, _ key: GoValue) throws -> GoValue {
        switch value {
        case .list(let values): return values[try place(key, within: values.count)]
        case .nothing(.list): return .integer(Int64(try place(key, within: 0)))
        case .string(let text):
            return .integer(Int64(Array(text.utf8)[try place(key, within: text.utf8.count)]))
        case .map(let map):
            guard case .string(let name) = key else {
                throw FunctionError(
                    "value has type \(key.typeName); should be string"
                )
            }
            if let found = map[name] { return found }
            if case .emptyString = map.missing { return .string("") }
            return .null
        case .nothing(.map): return .null
        case .nothing(.absent): throw FunctionError("index of nil pointer")
        default: throw FunctionError("can't index item of type \(value.typeName)")
        }
    }

    private static func place(_ key: GoValue, within count: Int) throws -> Int {
        switch key {
        case .integer(let number):
            guard number >= 0, number < Int64(count) else {
                throw FunctionError("index out of range: \(number)")
            }
            return Int(number)
        case .nothing: throw FunctionError("cannot index slice/array with nil")
        default: throw FunctionError("cannot index slice/array with type \(key.typeName)")
        }
    }

    /// `slice value from to`.
    static func slice(_ arguments: [GoValue]) throws -> GoValue {
        let count: Int
        switch arguments[0] {
        case .string(let text):
            guard arguments.count < 4 else { throw FunctionError("cannot 3-index slice a string") }
            count = text.utf8.count
        case .list(let values): count = values.count
        case .nothing(.list): count = 0
        case .nothing(.absent): throw FunctionError("slice of untyped nil")
        default: throw FunctionError("can't slice item of type \(arguments[0].typeName)")
        }
        let bounds = try arguments.dropFirst().map { try place($0, within: count + 1) }
        let low = bounds.first ?? 0
        let high = bounds.count > 1 ? bounds[1] : count
        guard low <= high else { throw FunctionError("invalid slice index: \(low) > \(high)") }
        if bounds.count > 2, bounds[2] < high {
            throw FunctionError("invalid slice index: \(high) > \(bounds[2])")
        }
        switch arguments[0] {
        case .string(let text):
            return .string(String(decoding: Array(text.utf8)[low..<high], as: UTF8.self))
        case .list(let values): return .list(Array(values[low..<high]))
        default: return arguments[0]
        }
    }
}
