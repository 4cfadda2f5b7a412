/// Where a variable has its value from, and where it is used.
extension Explainer {
    /// The name in `$NAME` or `${NAME}`; nil for text that is none of them.
    static func variableName(_ text: String) -> String? {
        guard text.first == "$" else { return nil }
        let found = VariableTemplate.variables(in: text)
        guard found.count == 1, let name = found.first?.name,
            text == "$\(name)" || text == "${\(name)}"
        else { return nil }
        return name
    }

    /// The explanation of a variable of the project environment.
    func explanation(ofVariable name: String) -> Explanation {
        let value = environment[name]
        var explanation = Explanation(
            path: "${\(name)}",
            value: value.map(YAMLWriter.inline),
            json: value.map { Self.json(.text($0)) } ?? "null"
        )
        for definition in provenance.scope.definitions where definition.name == name {
            var source = Explanation.Source(
                kind: .envFile,
                title: "env file",
                position: sources.position(definition.mark),
                value: YAMLWriter.inline(definition.value)
            )
            if let template = provenance.templates[definition.mark], template != definition.value {
                source.written = template
            }
            explanation.sources.append(source)
        }
        if let value = shell[name] {
            explanation.sources.append(outside("the shell's environment", value))
        } else if name == "COMPOSE_PROJECT_NAME", explanation.sources.isEmpty, let value {
            explanation.sources.append(outside("the project's name", value))
        }
        judge(&explanation.sources)
        explanation.uses = places(using: name)
        if value == nil {
            explanation.note =
                explanation.uses.isEmpty
                ? "neither the shell nor an env file sets it, and nothing uses it"
                : "neither the shell nor an env file sets it: templates have their default or nothing"
        }
        return explanation
    }

    private func outside(_ title: String, _ value: String) -> Explanation.Source {
        Explanation.Source(
            kind: .environment,
            title: title,
            position: sources.position(.commandLine),
            value: YAMLWriter.inline(value)
        )
    }

    /// The last source wins: definitions are in order, and the shell beats them all.
    private func judge(_ found: inout [Explanation.Source]) {
        for index in found.indices {
            let isLast = index == found.indices.last
            found[index].isWinner = isLast
            found[index].because =
                switch (isLast, found.last?.kind) {
                case (true, _): found.count == 1 ? "nothing else sets it" : "it beats the others"
                case (false, .environment): "the shell beats env files"
                case (false, _): "another env file, or a later line, beats it"
                }
        }
    }

    /// The values that name a variable, in reading order.
    private func places(using name: String) -> [Position] {
        let marks = writtenTexts.filter { _, text in
            VariableTemplate.variables(in: text).contains { $0.name == name }
        }.map(\.key)
        return marks.sorted {
            ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column)
        }.map(sources.position)
    }
}
