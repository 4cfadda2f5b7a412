/// A function that templates may call.
package struct TemplateFunction: Sendable {
    /// How many arguments it takes; no `most` is any number.
    var least: Int
    var most: Int?
    /// For `and` and `or`: the truth at which the rest is not looked at any more.
    var stopsAt: Bool?
    var body: @Sendable ([GoValue]) throws -> GoValue

    package init(
        least: Int,
        most: Int?,
        _ body: @escaping @Sendable ([GoValue]) throws -> GoValue
    ) {
        self.least = least
        self.most = most
        self.body = body
    }

    /// A function of exactly one argument.
    package init(_ body: @escaping @Sendable (GoValue) throws -> GoValue) {
        self.init(least: 1, most: 1) { try body($0[0]) }
    }

    /// Go's own functions and docker's.
    package static let all = ofGo.merging(ofDocker) { $1 }

    /// Those that text/template has by itself.
    package static let ofGo: [String: TemplateFunction] = [
        "and": shortcut(at: false), "or": shortcut(at: true),
        "not": TemplateFunction { .bool(!$0.isTrue) },
        "len": TemplateFunction { try Indexing.length(of: $0) },
        "index": TemplateFunction(least: 1, most: nil) { try Indexing.index($0) },
        "slice": TemplateFunction(least: 1, most: 4) { try Indexing.slice($0) },
        "call": TemplateFunction(least: 1, most: nil) { arguments in
            guard case .function(let body) = arguments[0] else {
                throw FunctionError("non-function of type \(arguments[0].typeName)")
            }
            return try body(Array(arguments.dropFirst()))
        },
        "eq": TemplateFunction(least: 1, most: nil) { .bool(try Comparison.isEqualToAny($0)) },
        "ne": comparison { try !Comparison.equal($0, $1) },
        "lt": comparison { try Comparison.less($0, $1) },
        "le": comparison { try Comparison.less($0, $1) || Comparison.equal($0, $1) },
        "gt": comparison { try !Comparison.less($0, $1) && !Comparison.equal($0, $1) },
        "ge": comparison { try !Comparison.less($0, $1) },
        "print": TemplateFunction(least: 0, most: nil) { .string(Printing.joined($0)) },
        "println": TemplateFunction(least: 0, most: nil) { arguments in
            .string(arguments.map { $0.text() }.joined(separator: " ") + "\n")
        },
        "printf": TemplateFunction(least: 1, most: nil) { arguments in
            guard case .string(let format) = arguments[0] else {
                throw FunctionError(
                    "wrong type for value; expected string; got \(arguments[0].typeName)"
                )
            }
            return .string(Formatting(format, Array(arguments.dropFirst())).text)
        },
        "html": TemplateFunction(least: 0, most: nil) {
            .string(Escapes.html(Printing.joined($0)))
        },
        "js": TemplateFunction(least: 0, most: nil) { .string(Escapes.js(Printing.joined($0))) },
        "urlquery": TemplateFunction(least: 0, most: nil) {
            .string(Escapes.urlQuery(Printing.joined($0)))
        },
    ]

    private static func shortcut(at truth: Bool) -> TemplateFunction {
        var function = TemplateFunction(least: 1, most: nil) { $0[0] }
        function.stopsAt = truth
        return function
    }

    private static func comparison(
        _ body: @escaping @Sendable (GoValue, GoValue) throws -> Bool
    ) -> TemplateFunction {
        TemplateFunction(least: 2, most: 2) { .bool(try body($0[0], $0[1])) }
    }
}
