import TextForms

/// What the value of a variable has to be: what `type` says, otherwise what the default is.
struct BakeType {
    /// Whether the file says it.
    let isWritten: Bool
    private let kind: Kind

    private enum Kind {
        case text, number, flag, any
        /// Of texts, numbers or booleans.
        indirect case list(Kind)
        /// A list or object without a written type, and objects.
        case other
    }

    init(of block: HCLBody.Block, _ scope: inout BakeScope) throws(BakeFault) {
        if let type = block.body["type"] {
            isWritten = true
            kind = try Self.kind(type.value)
            return
        }
        isWritten = false
        guard let given = block.body["default"] else {
            kind = .any
            return
        }
        // A default that cannot be evaluated is told where the variable is used.
        switch try? scope.value(of: given.value) {
        case .number: kind = .number
        case .bool: kind = .flag
        case .list, .object: kind = .other
        default: kind = .text
        }
    }

    /// As `--list` shows it.
    static func written(_ block: HCLBody.Block) -> String {
        func text(_ expression: HCLExpression) -> String {
            switch expression {
            case .name(let name, _): name
            case .call(let name, let arguments, _, _):
                "\(name)(\(arguments.map(text).joined(separator: ", ")))"
            default: "…"
            }
        }
        return block.body["type"].map { text($0.value) } ?? ""
    }

    private static func kind(_ expression: HCLExpression) throws(BakeFault) -> Kind {
        switch expression {
        case .name("string", _), .literal(.string("string"), _): .text
        case .name("number", _), .literal(.string("number"), _): .number
        case .name("bool", _), .literal(.string("bool"), _): .flag
        case .name("any", _): .any
        case .call("list", let inner, _, _) where inner.count == 1,
            .call("set", let inner, _, _) where inner.count == 1:
            .list(try kind(inner[0]))
        case .call("map", _, _, _), .call("object", _, _, _), .call("tuple", _, _, _): .other
        default:
            throw BakeFault(
                expression.place,
                "this type is not known",
                hint: "write string, number, bool, list(string), map(string) or object({…})"
            )
        }
    }

    /// A value of the environment.
    func value(of text: String, named name: String, _ place: BakePlace) throws(BakeFault)
        -> BakeValue
    {
        if case .list(let inner) = kind {
            guard !text.isEmpty else { return .list([]) }
            var values: [BakeValue] = []
            for part in BakeFunctions.parts(of: text, by: ",") {
                values.append(try Self.single(part, inner, name, place))
            }
            return .list(values)
        }
        return try Self.single(text, kind, name, place)
    }

    private static func single(
        _ text: String,
        _ kind: Kind,
        _ name: String,
        _ place: BakePlace
    ) throws(BakeFault) -> BakeValue {
        let shown = VisibleText.shortened(text)
        switch kind {
        case .text, .any: return .string(text)
        case .number:
            guard let number = Double(text), number.isFinite else {
                throw BakeFault(
                    place,
                    "\(name) of the environment is \"\(shown)\": a number is wanted"
                )
            }
            return .number(number)
        case .flag:
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
            case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
            default:
                throw BakeFault(
                    place,
                    "\(name) of the environment is \"\(shown)\": true or false is wanted"
                )
            }
        case .list, .other:
            throw BakeFault(
                place,
                "\(name) of the environment cannot take the place of a list or an object",
                hint: "give the variable a type, as type = list(string), or set \(name)_JSON"
            )
        }
    }

    /// A value of `NAME_JSON`.
    func value(
        ofJSON text: String,
        named name: String,
        _ place: BakePlace
    ) throws(BakeFault) -> BakeValue {
        let value: BakeValue
        do {
            value = BakeValue(try JSONValue(parsing: Array(text.utf8)))
        } catch {
            throw BakeFault(place, "\(name)_JSON of the environment is not JSON: \(error)")
        }
        if let wrong = mismatch(value) { throw BakeFault(place, "\(name)_JSON: \(wrong)") }
        return value
    }

    /// What is wrong with a value; nil where nothing is.
    func mismatch(_ value: BakeValue) -> String? {
        guard !Self.fits(value, kind) else { return nil }
        return "this is \(value.kind), which is not of its type"
    }

    private static func fits(_ value: BakeValue, _ kind: Kind) -> Bool {
        switch kind {
        case .any: true
        case .text: value.text != nil || value == .null
        case .number: value.asNumber != nil || value == .null
        case .flag: value.asBool != nil || value == .null
        case .list(let inner): value.pairs?.allSatisfy { fits($0.value, inner) } ?? (value == .null)
        case .other: value.pairs != nil || value == .null
        }
    }
}
