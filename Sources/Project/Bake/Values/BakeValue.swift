import TextForms

/// A value of an expression. Numbers are floating-point numbers, whole ones exact up to 2^53.
indirect enum BakeValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([BakeValue])
    case object([String: BakeValue])

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a text"
        case .list: "a list"
        case .object: "an object"
        }
    }

    /// As a text, where it is one or can be written as one.
    var text: String? {
        switch self {
        case .string(let text): text
        case .number(let number): Self.digits(number)
        case .bool(let flag): flag ? "true" : "false"
        case .null, .list, .object: nil
        }
    }

    /// As a number, where it is one or reads as one.
    var asNumber: Double? {
        switch self {
        case .number(let number): number
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// As a boolean, where it is one or reads as one.
    var asBool: Bool? {
        switch self {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    static func digits(_ number: Double) -> String {
        if number == number.rounded(), abs(number) < 1e15 { return String(Int64(number)) }
        return GoFloat.shortest(number, exponents: -6..<21)
    }

    /// Keys and values in the order in which HCL walks over them; nil for what has no parts.
    var pairs: [(key: BakeValue, value: BakeValue)]? {
        switch self {
        case .list(let elements):
            elements.enumerated().map { (.number(Double($0.offset)), $0.element) }
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        default: nil
        }
    }

    /// As JSON, members sorted.
    var json: JSONValue {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let number): .number(Self.digits(number))
        case .string(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .object(let members):
            .object(
                members.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value.json) }
            )
        }
    }

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let digits): self = .number(Double(digits) ?? 0)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { BakeValue($0) })
        case .object(let members):
            self = .object(
                Dictionary(members.map { ($0.name, BakeValue($0.value)) }) { $1 }
            )
        }
    }

    /// So deep may lists and objects be within each other.
    private static let depthLimit = 200

    /// About how many bytes it takes with all that is in it: values that name others share them, but
    /// whoever walks over one does not. Counting ends above `limit`, and what nests too deeply is above it.
    func weight(within limit: Int, depth: Int = 0) -> Int {
        guard depth < Self.depthLimit else { return limit + 1 }
        var sum = 64
        switch self {
        case .string(let text): sum += text.utf8.count
        case .list(let elements):
            for element in elements where sum <= limit {
                sum += element.weight(within: limit - sum, depth: depth + 1)
            }
        case .object(let members):
            for (key, member) in members where sum <= limit {
                sum += 32 + key.utf8.count
                sum += member.weight(within: max(0, limit - sum), depth: depth + 1)
            }
        case .null, .bool, .number: break
        }
        return sum
    }
}
