import OrderedCollections

extension LoadedProject {
    /// Paths of values that begin with a prefix, one step further: what a shell completes.
    /// Services may be named without `services.`.
    package func paths(from prefix: String) -> [String] {
        let end = prefix.lastIndex { $0 == "." || $0 == "[" }
        let above = end.map { String(prefix[..<$0]) } ?? ""
        guard !above.isEmpty else {
            let names =
                (root.map?.keys.elements ?? []) + (root["services"]?.map?.keys.elements ?? [])
            return Set(names).filter { $0.hasPrefix(prefix) }.sorted()
        }
        var search = PathSearch(root)
        guard let path = search.find(above), let node = path.node(in: root) else { return [] }
        let children: [String]
        switch node.value {
        case .map(let entries): children = entries.keys.map { "\(above).\($0)" }
        case .list(let items): children = items.indices.map { "\(above)[\($0)]" }
        default: children = []
        }
        return children.filter { $0.hasPrefix(prefix) }
    }
}
