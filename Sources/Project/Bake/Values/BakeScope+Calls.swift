import TextForms

extension BakeScope {
    mutating func call(
        _ name: String,
        _ arguments: [HCLExpression],
        _ spreads: Bool,
        _ place: BakePlace,
        _ locals: Locals
    ) throws(BakeFault) -> BakeValue {
        switch name {
        case "try": return try attempt(arguments, place, locals)
        case "can":
            guard arguments.count == 1 else { throw BakeFault(place, "can takes one argument") }
            do throws(BakeFault) {
                _ = try value(of: arguments[0], locals)
                return .bool(true)
            } catch {
                return .bool(false)
            }
        default: break
        }
        var values: [BakeValue] = []
        for argument in arguments { values.append(try value(of: argument, locals)) }
        if spreads {
            guard case .list(let rest)? = values.popLast() else {
                throw BakeFault(place, "what stands before ... is a list")
            }
            values += rest
        }
        if let function = functions[name] {
            return try value(of: function.result, try bind(values, to: function, name, place))
        }
        guard let builtIn = BakeFunctions.all[name] else {
            misses += 1
            let hint = misses <= BakeEvaluation.faultLimit ? hint(for: name) : nil
            throw BakeFault(place, Self.unknown(name), hint: hint)
        }
        guard builtIn.counts.contains(values.count) else {
            let wanted = builtIn.counts.lowerBound
            let most = builtIn.counts.upperBound
            let text =
                wanted == most
                ? "\(wanted)" : most == .max ? "\(wanted) or more" : "\(wanted) to \(most)"
            throw BakeFault(place, "\(name) takes \(text) arguments and has \(values.count)")
        }
        let given = BakeArguments(values: values, place: place, name: name, now: now)
        return try builtIn.body(given)
    }

    private mutating func attempt(
        _ arguments: [HCLExpression],
        _ place: BakePlace,
        _ locals: Locals
    ) throws(BakeFault) -> BakeValue {
        var last = BakeFault(place, "try takes at least one argument")
        for argument in arguments {
            do throws(BakeFault) {
                return try value(of: argument, locals)
            } catch {
                last = error
            }
        }
        throw last
    }

    private func bind(
        _ values: [BakeValue],
        to function: Function,
        _ name: String,
        _ place: BakePlace
    ) throws(BakeFault) -> Locals {
        let count = function.parameters.count
        guard values.count == count || (function.rest != nil && values.count > count) else {
            throw BakeFault(place, "\(name) takes \(count) arguments and has \(values.count)")
        }
        var locals: Locals = [:]
        for (parameter, value) in zip(function.parameters, values) { locals[parameter] = value }
        if let rest = function.rest { locals[rest] = .list(Array(values.dropFirst(count))) }
        return locals
    }

    private static func unknown(_ name: String) -> String {
        BakeFunctions.refused.contains(name)
            ? "the function \(name) is not carried out" : "there is no function \(name)"
    }

    private func hint(for name: String) -> String? {
        if BakeFunctions.refused.contains(name) {
            return "give its result as a variable: variable \"X\" {}, and X=… before the command"
        }
        let known = Array(BakeFunctions.all.keys) + functions.keys + ["try", "can"]
        return nearest(to: name, among: known.sorted()).map { "did you mean \($0)?" }
    }
}
