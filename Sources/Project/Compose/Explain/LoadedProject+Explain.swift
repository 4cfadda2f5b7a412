import OrderedCollections
import TextForms

extension LoadedProject {
    /// Where the value at a path comes from; `services.` before the path may be left out.
    /// `${NAME}` is a variable of the project environment. The project must have been loaded with
    /// purpose `explain`.
    /// - Throws: a path that nothing is at, with the nearest ones.
    package func explain(_ text: String) throws(ComposeError) -> Explanation {
        guard let provenance else {
            preconditionFailure("only a load with purpose explain can be explained")
        }
        let explainer = Explainer(
            root: root,
            isInterpolated: isInterpolated,
            provenance: provenance,
            sources: sources,
            environment: environment,
            shell: shell
        )
        if let name = Explainer.variableName(text) {
            return explainer.explanation(ofVariable: name)
        }
        var search = PathSearch(root)
        if let path = search.find(text) { return explainer.explanation(of: path) }
        // What a later file took away, or no profile lets in, was still written somewhere.
        for layer in (provenance.folded + provenance.layers).reversed() {
            var written = PathSearch(layer.tree)
            guard let path = written.find(text) else { continue }
            return explainer.explanation(ofLost: path)
        }
        throw ComposeError(problems: [unknown(text, search.reach)])
    }

    private func unknown(_ text: String, _ reach: PathSearch.Reach) -> Problem {
        var rest = reach.rest.first == "." ? reach.rest.dropFirst() : reach.rest
        if rest.first == "[" { rest = rest.prefix { $0 != "]" } }
        let word = String(rest.prefix { $0 != "." && ($0 != "[" || rest.first == "[") })
        let above = reach.path.text
        func full(_ name: String) -> String {
            ValuePath(steps: reach.path.steps + [.key(name)]).text
        }
        var names = reach.node.map.map { Array($0.keys) } ?? []
        if above.isEmpty { names += root["services"]?.map?.keys.elements ?? [] }
        var problem = Problem(
            position: sources.position(.commandLine),
            path: "",
            message: "no file says anything of \"\(text)\""
        )
        problem.kind = .reference
        if let near = nearest(to: word, among: names) {
            let isService = above.isEmpty && reach.node[near] == nil
            problem.hint = "did you mean \"\(isService ? "services.\(near)" : full(near))\"?"
        } else if let items = reach.node.list {
            problem.hint = "\(above) has \(items.count) elements, from \(above)[0] on"
        } else if Self.attribute(word, at: reach.path) {
            problem.hint = "\(full(word)) is an attribute that may be set"
        } else if !names.isEmpty {
            let shown = names.sorted().prefix(8).joined(separator: ", ")
            let place = above.isEmpty ? "there is" : "\(above) has"
            problem.hint = "\(place) \(shown)\(names.count > 8 ? ", …" : "")"
        } else if !above.isEmpty {
            problem.hint = "\(above) is \(reach.node.kindInWords), with nothing in it"
        }
        return problem
    }

    /// Whether the specification knows a key at a path.
    private static func attribute(_ key: String, at path: ValuePath) -> Bool {
        var shape = Shape.fields(.project)
        for step in path.steps {
            switch step {
            case .key(let key): shape = shape.parts.entry(key).shape
            case .index: shape = shape.parts.element.shape
            }
        }
        guard case .fields(let fields) = shape.parts else { return false }
        return fields[key] != nil
    }
}
