import Glibc
import TextForms

extension BakeScope {
    mutating func bool(_ expression: HCLExpression, _ locals: Locals, _ place: BakePlace)
        throws(BakeFault) -> Bool
    {
        let value = try value(of: expression, locals)
        guard let flag = value.asBool else {
            throw BakeFault(place, "\(value.kind) is neither true nor false")
        }
        return flag
    }

    static func apply(
        _ sign: HCLExpression.Operator,
        _ value: BakeValue,
        _ place: BakePlace
    ) throws(BakeFault) -> BakeValue {
        if sign == .not {
            guard let flag = value.asBool else {
                throw BakeFault(place, "\(value.kind) is neither true nor false")
            }
            return .bool(!flag)
        }
        guard let number = value.asNumber else {
            throw BakeFault(place, "\(value.kind) is no number")
        }
        return .number(-number)
    }

    mutating func binary(
        _ sign: HCLExpression.Operator,
        _ left: HCLExpression,
        _ right: HCLExpression,
        _ place: BakePlace,
        _ locals: Locals
    ) throws(BakeFault) -> BakeValue {
        switch sign {
        // The right side is not looked at where the left one decides.
        case .and:
            guard try bool(left, locals, place) else { return .bool(false) }
            return .bool(try bool(right, locals, place))
        case .or:
            guard try !bool(left, locals, place) else { return .bool(true) }
            return .bool(try bool(right, locals, place))
        case .equal: return .bool(try value(of: left, locals) == value(of: right, locals))
        case .notEqual: return .bool(try value(of: left, locals) != value(of: right, locals))
        default: break
        }
        let first = try value(of: left, locals)
        guard let a = first.asNumber else {
            throw BakeFault(left.place, "\(first.kind) is no number", hint: Self.hint(first))
        }
        let second = try value(of: right, locals)
        guard let b = second.asNumber else {
            throw BakeFault(right.place, "\(second.kind) is no number", hint: Self.hint(second))
        }
        return try Self.calculate(sign, a, b, place)
    }

    private static func hint(_ value: BakeValue) -> String? {
        if case .string = value { "texts are joined as \"${a}${b}\"" } else { nil }
    }

    private static func calculate(
        _ sign: HCLExpression.Operator,
        _ a: Double,
        _ b: Double,
        _ place: BakePlace
    ) throws(BakeFault) -> BakeValue {
        switch sign {
        case .less: return .bool(a < b)
        case .greater: return .bool(a > b)
        case .lessOrEqual: return .bool(a <= b)
        case .greaterOrEqual: return .bool(a >= b)
        case .divide where b == 0, .remainder where b == 0:
            throw BakeFault(place, "division by zero")
        default: break
        }
        let result =
            switch sign {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            case .remainder: fmod(a, b)
            default: Double.nan
            }
        guard result.isFinite else { throw BakeFault(place, "the result is no number") }
        return .number(result)
    }

    /// What a misspelt variable may have been.
    func nearestName(to name: String) -> String? {
        nearest(to: name, among: globals.keys.filter { !$0.contains(".") }.sorted())
            .map { "did you mean \($0)?" }
    }
}
