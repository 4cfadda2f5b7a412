/// `eq`, `lt` and their relatives: values of one basic kind compare, others do not.
enum Comparison {
    /// Whether the first is equal to any other.
    static func isEqualToAny(_ values: [GoValue]) throws -> Bool {
        guard values.count > 1 else { throw FunctionError("missing argument for comparison") }
        for other in values.dropFirst() where try equal(values[0], other) { return true }
        return false
    }

    static func equal(_ left: GoValue, _ right: GoValue) throws -> Bool {
        switch (left, right) {
        case (.nothing, .nothing): return true
        case (.nothing, _), (_, .nothing): return false
        case (.bool(let left), .bool(let right)): return left == right
        case (.integer(let left), .integer(let right)): return left == right
        case (.float(let left), .float(let right)): return left == right
        case (.string(let left), .string(let right)): return left == right
        case (.list, _), (.map, _), (.function, _), (_, .list), (_, .map), (_, .function):
            throw FunctionError("non-comparable type \(left.printed): \(left.typeName)")
        default: throw FunctionError("incompatible types for comparison")
        }
    }

    static func less(_ left: GoValue, _ right: GoValue) throws -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): return left < right
        case (.float(let left), .float(let right)): return left < right
        case (.string(let left), .string(let right)):
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.bool, _), (.nothing, _), (.list, _), (.map, _), (.function, _):
            throw FunctionError("invalid type for comparison")
        default: throw FunctionError("incompatible types for comparison")
        }
    }
}
