extension TemplateFunction {
    /// What docker's templates have besides Go's own functions.
    package static let ofDocker: [String: TemplateFunction] = [
        "json": TemplateFunction { .string($0.json) },
        "split": TemplateFunction(least: 2, most: 2) { arguments in
            let (source, separator) = (try text(arguments[0]), try text(arguments[1]))
            return .strings(split(source, separator))
        },
        "join": TemplateFunction(least: 2, most: 2) { arguments in
            let separator = try text(arguments[1])
            guard case .list(let values) = arguments[0] else {
                if case .nothing = arguments[0] { return .string("") }
                throw wrongType("[]string", arguments[0])
            }
            return .string(try values.map(text).joined(separator: separator))
        },
        "title": TemplateFunction { .string(title(try text($0))) },
        "lower": TemplateFunction { .string(try text($0).lowercased()) },
        "upper": TemplateFunction { .string(try text($0).uppercased()) },
        "pad": TemplateFunction(least: 3, most: 3) { arguments in
            let source = try text(arguments[0])
            guard !source.isEmpty else { return .string("") }
            let (before, after) = (try count(arguments[1]), try count(arguments[2]))
            return .string(
                String(repeating: " ", count: before) + source
                    + String(repeating: " ", count: after)
            )
        },
        "truncate": TemplateFunction(least: 2, most: 2) { arguments in
            let source = try text(arguments[0])
            let limit = try count(arguments[1])
            guard source.utf8.count >= limit else { return .string(source) }
            return .string(String(decoding: source.utf8.prefix(limit), as: UTF8.self))
        },
    ]

    /// What stands for docker's functions while the header of a table is made: names stay as they
    /// are, only space is put around them.
    package static let ofHeaders: [String: TemplateFunction] = {
        var functions = ofDocker
        for name in ["json", "title", "lower", "upper"] {
            functions[name] = TemplateFunction { $0 }
        }
        for name in ["truncate", "split", "join"] {
            functions[name] = TemplateFunction(least: 2, most: 2) { $0[0] }
        }
        return functions
    }()

    private static func text(_ value: GoValue) throws -> String {
        guard case .string(let text) = value else { throw wrongType("string", value) }
        return text
    }

    private static func count(_ value: GoValue) throws -> Int {
        guard case .integer(let number) = value else { throw wrongType("int", value) }
        return Int(max(0, min(number, 10_000)))
    }

    private static func wrongType(_ expected: String, _ value: GoValue) -> FunctionError {
        FunctionError("wrong type for value; expected \(expected); got \(value.typeName)")
    }

    /// strings.Split: an empty separator cuts between characters.
    private static func split(_ text: String, _ separator: String) -> [String] {
        guard !separator.isEmpty else { return text.unicodeScalars.map { String($0) } }
        var parts: [String] = []
        var rest = text[...]
        while let found = rest.firstRange(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }

    /// strings.Title: every word begins with a capital, the rest stays.
    private static func title(_ text: String) -> String {
        var isInside = false
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            let isWord =
                scalar.properties.isAlphabetic || scalar == "_" || scalar == "'"
                || scalar.properties.numericType != nil
            out += isWord && !isInside ? scalar.properties.titlecaseMapping : String(scalar)
            isInside = isWord
        }
    }
}
