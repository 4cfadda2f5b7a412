/// The part of Go's templates that rows need: text, `{{.Field}}`, `{{json .}}`, `{{json .Field}}`.
///
/// Docker's `--format` takes a whole template language; what is not here is refused by name.
struct RowTemplate {
    private enum Piece: Equatable {
        case text(String)
        case field(String)
        case json(String?)
    }

    struct Unsupported: Error, CustomStringConvertible {
        var action: String
        var description: String {
            "template parsing error: {{\(action)}} is not supported; "
                + "use {{.Field}}, {{json .}} or {{json .Field}}"
        }
    }

    struct UnknownField: Error, CustomStringConvertible {
        var name: String
        var known: [String]
        var description: String {
            "template: no field .\(name); there are \(known.map { "." + $0 }.joined(separator: ", "))"
        }
    }

    private var pieces: [Piece] = []

    init(parsing text: String) throws {
        var rest = Substring(
            text.replacing("\\t", with: "\t").replacing("\\n", with: "\n")
        )
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex {
                pieces.append(.text(String(rest[..<open.lowerBound])))
            }
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else {
                throw Unsupported(action: String(rest))
            }
            let words = rest[..<close.lowerBound].split(separator: " ").map(String.init)
            pieces.append(try Self.piece(words))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
    }

    /// The names of fields in order of appearance, for the header of `table` templates.
    var fields: [String] {
        pieces.compactMap { piece in
            switch piece {
            case .field(let name): name
            case .json(let name): name
            case .text: nil
            }
        }
    }

    /// Fills in one row; `fields` are name and text, in the order of the JSON form.
    func render(_ fields: [(name: String, value: String)]) throws -> String {
        try pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .field(let name): try Self.value(name, fields)
            case .json(nil): JSONText.object(fields)
            case .json(.some(let name)): JSONText.string(try Self.value(name, fields))
            }
        }.joined()
    }

    private static func piece(_ words: [String]) throws -> Piece {
        switch (words.count, words.first, words.last) {
        case (1, .some(let field), _) where field.hasPrefix(".") && field.count > 1:
            .field(String(field.dropFirst()))
        case (2, "json", "."): .json(nil)
        case (2, "json", .some(let field)) where field.hasPrefix("."):
            .json(String(field.dropFirst()))
        default: throw Unsupported(action: words.joined(separator: " "))
        }
    }

    private static func value(
        _ name: String,
        _ fields: [(name: String, value: String)]
    ) throws -> String {
        guard let field = fields.first(where: { $0.name == name }) else {
            throw UnknownField(name: name, known: fields.map(\.name))
        }
        return field.value
    }
}
