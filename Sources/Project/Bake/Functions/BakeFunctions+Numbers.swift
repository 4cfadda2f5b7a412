import Glibc

extension BakeFunctions {
    static let numbers: [String: Function] = [
        "absolute": .init(1...1) { a throws(BakeFault) in .number(abs(try a.number(0))) },
        "abs": .init(1...1) { a throws(BakeFault) in .number(abs(try a.number(0))) },
        "ceil": .init(1...1) { a throws(BakeFault) in .number(try a.number(0).rounded(.up)) },
        "floor": .init(1...1) { a throws(BakeFault) in .number(try a.number(0).rounded(.down)) },
        "int": .init(1...1) { a throws(BakeFault) in .number(try a.number(0).rounded(.towardZero))
        },
        "signum": .init(1...1) { a throws(BakeFault) in
            let number = try a.number(0)
            return .number(number < 0 ? -1 : number > 0 ? 1 : 0)
        },
        "add": .init(2...2) { a throws(BakeFault) in try a.finite(a.number(0) + a.number(1)) },
        "subtract": .init(2...2) { a throws(BakeFault) in try a.finite(a.number(0) - a.number(1)) },
        "multiply": .init(2...2) { a throws(BakeFault) in try a.finite(a.number(0) * a.number(1)) },
        "divide": .init(2...2) { a throws(BakeFault) in try a.finite(a.number(0) / a.number(1)) },
        "modulo": .init(2...2) { a throws(BakeFault) in
            try a.finite(fmod(try a.number(0), try a.number(1)))
        },
        "negate": .init(1...1) { a throws(BakeFault) in .number(-(try a.number(0))) },
        "pow": .init(2...2) { a throws(BakeFault) in
            try a.finite(pow(try a.number(0), try a.number(1)))
        },
        "log": .init(2...2) { a throws(BakeFault) in
            try a.finite(log(try a.number(0)) / log(try a.number(1)))
        },
        "min": .init(1...(.max)) { a throws(BakeFault) in try extreme(a) { $0 < $1 } },
        "max": .init(1...(.max)) { a throws(BakeFault) in try extreme(a) { $0 > $1 } },
        "parseint": .init(2...2) { a throws(BakeFault) in
            let radix = try a.whole(1)
            guard (2...36).contains(radix), let number = Int64(try a.text(0), radix: radix) else {
                throw a.fault("this is no number to the base \(radix)")
            }
            return .number(Double(number))
        },
        "and": .init(2...2) { a throws(BakeFault) in
            let (left, right) = (try a.bool(0), try a.bool(1))
            return .bool(left && right)
        },
        "or": .init(2...2) { a throws(BakeFault) in
            let (left, right) = (try a.bool(0), try a.bool(1))
            return .bool(left || right)
        },
        "not": .init(1...1) { a throws(BakeFault) in .bool(!(try a.bool(0))) },
        "equal": .init(2...2) { a throws(BakeFault) in .bool(a.values[0] == a.values[1]) },
        "notequal": .init(2...2) { a throws(BakeFault) in .bool(a.values[0] != a.values[1]) },
        "lessthan": .init(2...2) { a throws(BakeFault) in .bool(try a.number(0) < a.number(1)) },
        "greaterthan": .init(2...2) { a throws(BakeFault) in .bool(try a.number(0) > a.number(1)) },
        "lessthanorequalto": .init(2...2) { a throws(BakeFault) in
            .bool(try a.number(0) <= a.number(1))
        },
        "greaterthanorequalto": .init(2...2) { a throws(BakeFault) in
            .bool(try a.number(0) >= a.number(1))
        },
    ]

    private static func extreme(_ a: BakeArguments, _ wins: (Double, Double) -> Bool)
        throws(BakeFault) -> BakeValue
    {
        var best = try a.number(0)
        for index in a.values.indices.dropFirst() {
            let number = try a.number(index)
            if wins(number, best) { best = number }
        }
        return .number(best)
    }
}

extension BakeArguments {
    /// A number that is one: not the result of a division by zero.
    func finite(_ number: Double) throws(BakeFault) -> BakeValue {
        guard number.isFinite else { throw fault("the result is no number") }
        return .number(number)
    }
}
