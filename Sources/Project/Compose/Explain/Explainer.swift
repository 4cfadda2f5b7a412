import OrderedCollections

/// Makes explanations of a finished tree out of what its load noted down.
struct Explainer {
    let root: Node
    let isInterpolated: Bool
    let provenance: Provenance
    let sources: Sources
    /// The project environment.
    let environment: [String: String]
    /// The part of it that the command was called with.
    let shell: [String: String]
    /// Scalars as written, by place.
    private let written: [Mark: Node]

    init(
        root: Node,
        isInterpolated: Bool,
        provenance: Provenance,
        sources: Sources,
        environment: [String: String],
        shell: [String: String]
    ) {
        self.root = root
        self.isInterpolated = isInterpolated
        self.provenance = provenance
        self.sources = sources
        self.environment = environment
        self.shell = shell
        var written: [Mark: Node] = [:]
        for document in provenance.documents { Self.collect(document, into: &written) }
        for (mark, text) in provenance.templates { written[mark] = Node(.string(text), at: mark) }
        self.written = written
    }

    private static func collect(_ node: Node, into written: inout [Mark: Node]) {
        switch node.value {
        case .map(let entries): for entry in entries.values { collect(entry, into: &written) }
        case .list(let items): for item in items { collect(item, into: &written) }
        default: written[node.mark] = node
        }
    }

    /// The explanation of a path of the finished tree.
    func explanation(of path: ValuePath) -> Explanation {
        let nodes = nodes(along: path)
        let node = nodes.last ?? root
        var explanation = Explanation(
            path: path.text,
            value: Self.text(node),
            json: Self.json(node)
        )
        let leaves = leaves(of: node, at: path)
        if leaves == [path] {
            explanation.sources = chain(of: path, nodes)
        } else {
            explanation.parts = leaves.map(part)
        }
        return explanation
    }

    /// The explanation of a path that is written somewhere, and not in the finished tree.
    func explanation(ofLost path: ValuePath) -> Explanation {
        let nodes = nodes(along: path)
        var explanation = Explanation(path: path.text, value: nil, json: "null")
        let contributions = contributions(to: path, nodes)
        explanation.sources = contributions.map { source($0, finished: nil) }
        for index in explanation.sources.indices {
            explanation.sources[index].because = "the project has no such value in the end"
        }
        if let last = contributions.last, case .removal(let node) = last.content {
            let word = node.tag == .reset ? "!reset" : "what replaces all of it"
            explanation.note = "taken away by \(word) at \(sources.position(node.mark))"
        } else if path.steps.count > 1, case .key("services") = path.steps[0],
            case .key(let name) = path.steps[1], root["services"]?[name] == nil
        {
            let profiles = contributions.lazy.compactMap { $0.layer.tree["services"]?[name] }
                .flatMap { $0["profiles"]?.strings ?? [] }
            explanation.note =
                profiles.isEmpty
                ? "the service \(name) was not asked for"
                : "the service \(name) is not enabled: its profiles are "
                    + Set(profiles).sorted().joined(separator: ", ")
        } else {
            explanation.note = "it is used up by the load, or nothing that is enabled uses it"
        }
        return explanation
    }

    private func part(_ path: ValuePath) -> Explanation.Part {
        let nodes = nodes(along: path)
        let node = nodes.last ?? root
        let chain = chain(of: path, nodes)
        let winner = chain.last(where: \.isWinner) ?? chain.last
        return Explanation.Part(
            path: path.text,
            value: Self.text(node),
            kind: winner?.kind ?? .default,
            title: winner?.title ?? "default",
            position: winner?.position ?? sources.position(node.mark)
        )
    }

    /// The nodes of the finished tree along a path, root first, as far as there are any.
    private func nodes(along path: ValuePath) -> [Node] {
        var nodes = [root]
        for index in path.steps.indices {
            let next = ValuePath(steps: Array(path.steps[...index]))
            guard let node = next.node(in: root) else { break }
            nodes.append(node)
        }
        return nodes
    }

    /// Paths of the scalars in a value; of empty mappings and lists, too.
    private func leaves(of node: Node, at path: ValuePath) -> [ValuePath] {
        switch node.value {
        case .map(let entries) where !entries.isEmpty:
            return entries.flatMap {
                leaves(of: $0.value, at: ValuePath(steps: path.steps + [.key($0.key)]))
            }
        case .list(let items) where !items.isEmpty:
            return items.enumerated().flatMap {
                leaves(of: $0.element, at: ValuePath(steps: path.steps + [.index($0.offset)]))
            }
        default: return [path]
        }
    }

    // MARK: Chains

    /// What says something of a path, oldest first.
    func contributions(to path: ValuePath, _ nodes: [Node]) -> [Contribution] {
        let walk = LayerWalk()
        return (provenance.folded + provenance.layers).compactMap { layer in
            walk.content(of: path, in: layer.tree, beside: nodes)
                .map { Contribution(layer: layer, content: $0) }
        }
    }

    /// The sources of a value of the finished tree, with the winner told from the others.
    private func chain(of path: ValuePath, _ nodes: [Node]) -> [Explanation.Source] {
        guard let finished = nodes.last else { return [] }
        let contributions = contributions(to: path, nodes)
        let isNamedOutside = path.text == "name" && provenance.name != .fileOrFolder
        guard !isNamedOutside, let winner = winner(among: contributions, finished) else {
            let losers = contributions.map { contribution in
                var source = source(contribution, finished: nil)
                source.because = "it is not what the project has in the end"
                return source
            }
            return losers + [implied(path, finished)]
        }
        // What takes away after the winner has taken nothing of it.
        let told = contributions.indices.filter { index in
            if index > winner, case .removal = contributions[index].content { return false }
            return true
        }
        return told.map { index in
            let contribution = contributions[index]
            var source = source(contribution, finished: index == winner ? finished : nil)
            source.isWinner = index == winner
            source.because =
                index == winner
                ? because(winner: contribution, of: contributions)
                : because(loser: contribution, to: contributions[winner], isEarlier: index < winner)
            return source
        }
    }

    /// The place of what gave the finished value: the last with its mark, since marks survive
    /// every phase; without one, the last that gives anything.
    private func winner(among all: [Contribution], _ finished: Node) -> Int? {
        let values = all.indices.filter { index in
            if case .value = all[index].content { true } else { false }
        }
        func node(_ index: Int) -> Node? {
            if case .value(let node, _) = all[index].content { node } else { nil }
        }
        if let same = values.last(where: { node($0)?.mark == finished.mark }) { return same }
        return values.last { index in
            guard let node = node(index) else { return false }
            return node.value == finished.value
        }
    }

    private func because(winner: Contribution, of all: [Contribution]) -> String {
        if all.count == 1 { return "nothing else sets it" }
        if case .value(_, true) = winner.content { return "it replaces what earlier ones set" }
        return switch winner.layer.kind {
        case .envFile: "the last env_file that sets it, and environment does not"
        case .labelFile: "the last label_file that sets it, and labels does not"
        case .file, .document, .included, .extended: "the last that sets it"
        }
    }

    private func because(loser: Contribution, to winner: Contribution, isEarlier: Bool) -> String {
        if case .value(let node, _) = loser.content, node.isNull, !isEarlier {
            return "empty, which says nothing"
        }
        guard isEarlier else { return "it does not replace a value" }
        if case .value(_, true) = winner.content { return "replaced as a whole" }
        return switch (loser.layer.kind, winner.layer.kind) {
        case (.envFile, .envFile): "a later env_file sets it, too"
        case (.envFile, _): "environment beats env_file"
        case (.labelFile, .labelFile): "a later label_file sets it, too"
        case (.labelFile, _): "labels beats label_file"
        case (.extended, .extended): "what extends it sets it, too"
        case (.extended, _): "the service itself sets it, too"
        case (.included, .included): "a later included file sets it, too"
        case (.included, _): "the file that includes it sets it, too"
        case (_, .document): "a later document of the file sets it, too"
        case (.file, _), (.document, _): "a later file sets it, too"
        }
    }

    // MARK: Texts

    /// A value on one line, as YAML.
    static func text(_ node: Node) -> String {
        switch node.value {
        case .string(let text): YAMLWriter.inline(text)
        default: json(node)
        }
    }

    static func json(_ node: Node) -> String {
        String(decoding: JSONWriter.compact(node, of: .anything), as: UTF8.self)
    }

    /// Texts that are templates, by place.
    var writtenTexts: [(key: Mark, value: String)] {
        written.compactMap { mark, node in
            node.string.flatMap { $0.utf8.contains(UInt8(ascii: "$")) ? (mark, $0) : nil }
        }
    }

    /// The scalar as its file has it, before variables were filled in.
    func written(at mark: Mark) -> Node? { written[mark] }
}
