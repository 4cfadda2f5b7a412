import OrderedCollections

extension LoadedProject {
    /// A problem that was found after loading, at the place that the file has for `path`
    /// (`services.web.ports[0]`); nil when there is none.
    package func problem(_ message: String, at path: String, hint: String?) -> Problem? {
        guard let mark = node(at: path)?.mark else { return nil }
        var sources = sources
        var problem = Problem(
            position: sources.position(mark),
            path: path,
            message: message,
            hint: hint
        )
        problem.sourceLine = sources.line(mark)
        return problem
    }

    /// Of services that do not take part, too: their containers may run.
    func node(at path: String) -> Node? {
        Self.node(at: path, in: root)
            ?? Self.node(at: path, in: root.with(.map(["services": root.with(.map(leftOut))])))
    }

    /// Keys are those of services and attributes, which have no dots of their own but in names of
    /// services: the longest name that fits counts.
    private static func node(at path: String, in tree: Node) -> Node? {
        var node = tree
        var rest = path[...]
        while !rest.isEmpty {
            if rest.first == "[" {
                guard let end = rest.firstIndex(of: "]"),
                    let index = Int(rest[rest.index(after: rest.startIndex)..<end]),
                    let list = node.list, list.indices.contains(index)
                else { return nil }
                node = list[index]
                rest = rest[rest.index(after: end)...]
            } else {
                let keys = (node.map ?? [:]).keys.filter { key in
                    rest.hasPrefix(key)
                        && [nil, ".", "["].contains(rest.dropFirst(key.count).first)
                }
                guard let key = keys.max(by: { $0.count < $1.count }), let next = node[key] else {
                    return nil
                }
                node = next
                rest = rest.dropFirst(key.count)
            }
            if rest.first == "." { rest.removeFirst() }
        }
        return node
    }
}
