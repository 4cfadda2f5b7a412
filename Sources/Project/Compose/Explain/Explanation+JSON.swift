import TextForms

extension Explanation {
    /// The explanation as one JSON document, for programs. Members are only ever added.
    package func document() -> String {
        var members = [
            ("version", "1"), ("path", Self.quoted(path)), ("isSet", "\(value != nil)"),
            ("value", json),
        ]
        if let note { members.append(("note", Self.quoted(note))) }
        if !sources.isEmpty || parts.isEmpty {
            members.append(("sources", Self.list(sources.map(Self.object))))
        }
        if !uses.isEmpty {
            members.append(("uses", Self.list(uses.map { Self.object(Self.place($0)) })))
        }
        if !parts.isEmpty { members.append(("parts", Self.list(parts.map(Self.object)))) }
        return Self.object(members) + "\n"
    }

    private static func object(_ source: Source) -> String {
        var members = [
            ("kind", quoted(source.kind.rawValue)), ("title", quoted(source.title)),
        ]
        members += place(source.position)
        members.append(("value", quoted(source.value)))
        if let written = source.written { members.append(("written", quoted(written))) }
        members.append(("wins", "\(source.isWinner)"))
        members.append(("because", quoted(source.because)))
        if !source.route.isEmpty {
            let steps = source.route.map { step in
                object([("words", quoted(step.words))] + place(step.position))
            }
            members.append(("route", list(steps)))
        }
        if !source.variables.isEmpty {
            let variables = source.variables.map { variable in
                object(
                    [
                        ("name", quoted(variable.name)), ("value", quoted(variable.value)),
                        ("origin", quoted(variable.origin.rawValue)),
                    ] + (variable.position.map(place) ?? [])
                )
            }
            members.append(("variables", list(variables)))
        }
        return object(members)
    }

    private static func object(_ part: Part) -> String {
        object(
            [
                ("path", quoted(part.path)), ("value", quoted(part.value)),
                ("kind", quoted(part.kind.rawValue)), ("title", quoted(part.title)),
            ] + place(part.position)
        )
    }

    private static func place(_ position: Position) -> [(String, String)] {
        guard !position.file.isEmpty else { return [] }
        let file = [("file", quoted(position.file))]
        guard position.line > 0 else { return file }
        return file + [("line", "\(position.line)"), ("column", "\(position.column)")]
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    private static func list(_ items: [String]) -> String {
        "[" + items.joined(separator: ",") + "]"
    }

    private static func quoted(_ text: String) -> String {
        JSONString.quoted(text, escapesHTML: true, escapesInvisible: true)
    }
}
