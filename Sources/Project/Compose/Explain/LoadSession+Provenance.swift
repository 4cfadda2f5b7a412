import OrderedCollections

/// Noting down where values come from. Nothing here runs but for purpose `explain`.
extension LoadSession {
    /// Notes a document, and beneath what it includes, what its services extend.
    /// `own` is the document by itself in canonical form, `joined` the same with what it includes
    /// and `extends` not yet resolved; there were `start` layers before it.
    mutating func note(_ own: Node, joined: Node, since start: Int, _ source: ModelSource) {
        guard let provenance = diagnostics.provenance else { return }
        let route = Array(source.includePlaces.reversed())
        func layer(_ kind: Provenance.Layer.Kind, _ tree: Node, _ places: [Mark])
            -> Provenance.Layer
        {
            Provenance.Layer(
                kind: kind,
                tree: tree,
                route: places + route,
                environment: source.environment,
                origins: provenance.scope.origins
            )
        }
        var beneath: [Provenance.Layer] = []
        for (name, service) in joined["services"]?.map ?? [:] where service["extends"] != nil {
            let chain = diagnostics.extensions[name] ?? []
            for index in chain.indices.reversed() {
                let node = index + 1 < chain.count ? chain[index + 1].own : chain[index].base
                let extended = chain[index].own["extends"]?["service"]?.string ?? ""
                let places = chain[...index].reversed().map(\.place)
                let tree = Self.tree(ofService: name, node)
                beneath.append(layer(.extended(service: extended), tree, places))
            }
        }
        diagnostics.provenance?.insert(beneath, at: start)
        let files = provenance.layers.filter { $0.route.isEmpty }
        let kind: Provenance.Layer.Kind
        if !source.includePlaces.isEmpty {
            kind = .included
        } else if files.contains(where: { $0.tree.mark.file == own.mark.file }) {
            kind = .document
        } else {
            kind = .file(isOverride: !files.isEmpty)
        }
        diagnostics.provenance?.add(layer(kind, own, []), includedAt: route)
    }

    /// Notes the variables or labels that a service's file gave, as it was read.
    mutating func note(
        _ values: [String: String],
        of attribute: String,
        service name: String,
        _ kind: Provenance.Layer.Kind,
        at place: Mark,
        known: [String: String],
        own: Node.Mapping
    ) {
        guard let definitions = diagnostics.provenance?.takePending(),
            let provenance = diagnostics.provenance
        else { return }
        var entries: Node.Mapping = [:]
        var definedHere: [String: Mark] = [:]
        var origins = provenance.scope.origins
        for (key, value) in own where origins[key] == nil { origins[key] = value.mark }
        for definition in definitions {
            guard let value = values[definition.name] else { continue }
            entries[definition.name] = Node(.string(value), at: definition.mark)
            definedHere[definition.name] = definition.mark
        }
        let layer = Provenance.Layer(
            kind: kind,
            tree: Self.tree(
                ofService: name,
                Node(.map([attribute: Node(.map(entries), at: place)]), at: place)
            ),
            route: [place],
            environment: known.merging(values) { known, _ in known },
            origins: origins.merging(definedHere) { known, _ in known }
        )
        diagnostics.provenance?.addFolded(layer)
    }

    private static func tree(ofService name: String, _ service: Node) -> Node {
        service.made(.map(["services": service.made(.map([name: service]))]))
    }
}
