import TextForms

extension GoValue {
    /// As an action prints it: fmt's `%v`, with `<no value>` for what is not there.
    package var printed: String {
        if case .nothing(.absent) = self { return "<no value>" }
        return text()
    }

    /// fmt's `%v`; `quoting` is its `%q`, and `named` its `%+v`.
    func text(_ string: (String) -> String = { $0 }) -> String {
        switch self {
        case .nothing(.absent), .nothing(.pointer): "<nil>"
        case .nothing(.list): "[]"
        case .nothing(.map): "map[]"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .float(let value): GoFloat.shortest(value)
        case .string(let value): string(value)
        case .list(let values): "[" + values.map { $0.text(string) }.joined(separator: " ") + "]"
        case .map(let map) where map.isStruct:
            "{" + map.entries.map { $0.value.text(string) }.joined(separator: " ") + "}"
        case .map(let map):
            "map["
                + map.sorted.map { "\(string($0.key)):\($0.value.text(string))" }
                .joined(separator: " ") + "]"
        case .function: "<func>"
        }
    }

    /// strconv.Quote: `text` in double quotes, what cannot be printed escaped.
    package static func quoted(_ text: String) -> String { GoQuote.quoted(text) }
}
