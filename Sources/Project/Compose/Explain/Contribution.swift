import OrderedCollections

/// What one layer says of a path.
struct Contribution {
    enum Content {
        /// It gives a value. Earlier ones do not join it where it `replaces`.
        case value(Node, replaces: Bool)
        /// It takes earlier values away: `!reset`, or something above the path is replaced.
        case removal(Node)
    }

    var layer: Provenance.Layer
    var content: Content
}

/// Follows a path through a layer's tree beside the finished one: an element of a list is found
/// by what makes it the same for the merge, since its place may be another in each file.
struct LayerWalk {
    let resolver = DuplicateResolver()

    /// What a layer says of a path, whose nodes in the finished tree, from the root on, are
    /// `finished`; these end early where the finished tree has no such path.
    func content(
        of path: ValuePath,
        in layer: Node,
        beside finished: [Node]
    ) -> Contribution.Content? {
        var node = layer
        var shape = Shape.fields(.project)
        var rule = MergeRule.standard
        var replaces = false
        for (depth, step) in path.steps.enumerated() {
            let next: Node?
            switch step {
            case .key(let key):
                next = node[key]
                let part = shape.parts.entry(key)
                (shape, rule) = (part.shape, part.merge)
            case .index(let index):
                let element = depth + 1 < finished.count ? finished[depth + 1] : nil
                next = Self.element(of: node, like: element, at: index, resolver.uniqueKey(rule))
                (shape, rule) = (shape.parts.element.shape, .standard)
            }
            guard let next else {
                // Something above is there, and replaces what earlier files have below it.
                return replaces ? .removal(node) : nil
            }
            node = next
            if node.tag == .reset { return .removal(node) }
            if node.tag == .override { replaces = true }
            if depth + 1 < path.steps.count, Self.isWhole(rule), !node.isNull { replaces = true }
        }
        return .value(node, replaces: replaces)
    }

    /// Whether a later value of the attribute replaces all of an earlier one.
    private static func isWhole(_ rule: MergeRule) -> Bool {
        switch rule {
        case .replace, .override: true
        case .standard, .entries, .unique, .appendMissing, .distinct, .logging: false
        }
    }

    /// The element that became, or gave way to, the finished one.
    private static func element(
        of list: Node,
        like finished: Node?,
        at index: Int,
        _ key: (Node) -> Node.Value
    ) -> Node? {
        guard let items = list.list else { return nil }
        guard let finished else { return items.indices.contains(index) ? items[index] : nil }
        let written = items.filter { $0.mark == finished.mark }
        if let same = written.last(where: { $0.value == finished.value }) { return same }
        let wanted = key(finished)
        return items.last { key($0) == wanted } ?? written.last
    }
}
