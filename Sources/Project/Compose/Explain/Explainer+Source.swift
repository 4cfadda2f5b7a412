/// One source of a value in words.
extension Explainer {
    /// What a layer says, with the variables that went into it. `finished` is the value that it
    /// became, of the one that wins.
    func source(_ contribution: Contribution, finished: Node?) -> Explanation.Source {
        let node: Node
        switch contribution.content {
        case .value(let value, _), .removal(let value): node = value
        }
        let layer = contribution.layer
        var source = Explanation.Source(
            kind: kind(of: layer),
            title: title(of: layer),
            position: sources.position(node.mark),
            value: node.tag == .reset ? "!reset" : Self.text(finished ?? node)
        )
        source.route = route(of: layer)
        guard let written = written(at: node.mark) else { return source }
        let text = Self.text(written)
        if node.tag != .reset, node.map == nil, node.list == nil, text != source.value {
            source.written = written.isNull ? "without a value" : text
        }
        if let template = written.string, isInterpolated {
            source.variables = variables(in: template, layer)
        }
        if let name = inheritedName(node, written, finished) {
            source.variables = [variable(name, environment[name], provenance.scope.origins, [:])]
        }
        return source
    }

    /// The variable that a key without a value takes: `- NAME` in `environment` or `args`.
    private func inheritedName(_ node: Node, _ written: Node, _ finished: Node?) -> String? {
        if provenance.inherited.contains(node.mark) { return written.string }
        guard node.isNull, let finished, finished.string != nil else { return nil }
        return written.string ?? name(ofKeyAt: node.keyMark)
    }

    /// The word that begins at a mark, as far as it can be the name of a variable.
    private func name(ofKeyAt mark: Mark) -> String? {
        var sources = sources
        guard let line = sources.line(mark), mark.column > 0 else { return nil }
        let rest = line.dropFirst(Int(mark.column) - 1)
        let word = rest.drop { $0 == "\"" || $0 == "'" }
            .prefix { $0 == "_" || $0.isLetter || $0.isNumber }
        return word.isEmpty ? nil : String(word)
    }

    private func kind(of layer: Provenance.Layer) -> Explanation.Source.Kind {
        switch layer.kind {
        case .file(let isOverride): isOverride ? .override : .file
        case .document: .override
        case .included: .include
        case .extended: .extends
        case .envFile: .envFile
        case .labelFile: .labelFile
        }
    }

    private func title(of layer: Provenance.Layer) -> String {
        switch layer.kind {
        case .file(let isOverride): isOverride ? "override file" : "compose file"
        case .document: "later document"
        case .included: "included file"
        case .extended(let service): "extended service \"\(service)\""
        case .envFile: "env_file"
        case .labelFile: "label_file"
        }
    }

    /// The places between the layer and the project's own files.
    private func route(of layer: Provenance.Layer) -> [Explanation.Step] {
        let first =
            switch layer.kind {
            case .envFile, .labelFile: "named"
            case .extended: "extended"
            case .file, .document, .included: "included"
            }
        return layer.route.enumerated().map { index, mark in
            Explanation.Step(
                words: index == 0 ? first : words(for: mark, first),
                position: sources.position(mark)
            )
        }
    }

    private func words(for mark: Mark, _ first: String) -> String {
        provenance.includePlaces.contains(mark) ? "included" : first
    }

    /// The variables that were looked at to fill a template in, in the order of the text.
    private func variables(
        in template: String,
        _ layer: Provenance.Layer
    ) -> [Explanation.Variable] {
        guard template.utf8.contains(UInt8(ascii: "$")) else { return [] }
        var names: [String] = []
        let evaluation = VariableTemplate(
            lookup: { name in
                if !names.contains(name) { names.append(name) }
                return layer.environment[name]
            },
            unset: { _ in }
        )
        // A template that fails ended the load; there is nothing to add here.
        _ = try? evaluation.evaluate(template)
        var defaults: [String: String] = [:]
        for variable in VariableTemplate.variables(in: template)
        where !variable.defaultValue.isEmpty {
            defaults[variable.name] = variable.defaultValue
        }
        return names.map { variable($0, layer.environment[$0], layer.origins, defaults) }
    }

    private func variable(
        _ name: String,
        _ value: String?,
        _ origins: [String: Mark],
        _ defaults: [String: String]
    ) -> Explanation.Variable {
        guard let value else {
            return Explanation.Variable(
                name: name,
                value: defaults[name].map(YAMLWriter.inline) ?? "",
                origin: defaults[name] == nil ? .unset : .default
            )
        }
        let shown = YAMLWriter.inline(value)
        if shell[name] == value {
            return Explanation.Variable(name: name, value: shown, origin: .shell)
        }
        guard let mark = origins[name] else {
            return Explanation.Variable(name: name, value: shown, origin: .project)
        }
        return Explanation.Variable(
            name: name,
            value: shown,
            origin: .file,
            position: sources.position(mark)
        )
    }
}
