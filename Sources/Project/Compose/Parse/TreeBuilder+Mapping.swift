import OrderedCollections

/// Mappings: duplicate keys, and the merge keys of YAML 1.1.
extension TreeBuilder {
    mutating func mapping(
        into result: inout Sized,
        depth: Int,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) {
        let (start, firstKey) = (parts.count, keys.count)
        var merged: [Node] = []
        var mergeKey: (mark: Mark, name: String)?
        var count = 0
        while true {
            let event = try next(&diagnostics)
            if case .mappingEnd = event.kind { break }
            try checkRoom(for: &count, "mapping", at: event.mark, &diagnostics)
            let keyMark = event.mark
            let keyBytes = event.text.count
            let key = try key(event, depth: depth, &diagnostics)
            let first = try next(&diagnostics)
            let value = try node(first, depth: depth + 1, &diagnostics)
            result.add(value)
            result.bytes += keyBytes
            switch key {
            case .none: continue
            case .merge:
                let name = Self.shown(first)
                if let earlier = mergeKey {
                    diagnostics.problem(
                        "mapping key \"<<\" already defined at line \(earlier.mark.line)",
                        at: keyMark,
                        hint: "write one: <<: [\(earlier.name), \(name)]"
                    )
                } else {
                    mergeKey = (keyMark, name)
                    merged.append(value.node)
                }
            case .text(let text):
                var entry = value.node
                entry.keyMark = keyMark
                if entry.isNull { entry.mark = keyMark }
                keys.append(text)
                parts.append(entry)
            }
        }
        var entries = entries(keys[firstKey...], parts[start...], &diagnostics)
        keys.removeSubrange(firstKey...)
        parts.removeSubrange(start...)
        for node in merged {
            // What is merged into what is merged, and so on, is put together on every level.
            nodeCount += node.map?.count ?? node.list?.reduce(0) { $0 + ($1.map?.count ?? 0) } ?? 0
            guard nodeCount <= limits.fileNodes else {
                diagnostics.problem("the merge keys put together too many values", at: node.mark)
                throw Stop()
            }
            merge(node, into: &entries, &diagnostics)
        }
        result.node.value = .map(entries)
    }

    /// The value of a merge key as it is written.
    private static func shown(_ event: YAMLParser.Event) -> String {
        if case .alias = event.kind, let name = event.anchor { return "*\(name)" }
        return "{…}"
    }

    /// The first of each key; others are reported.
    private func entries(
        _ keys: ArraySlice<String>,
        _ values: ArraySlice<Node>,
        _ diagnostics: inout Diagnostics
    ) -> Node.Mapping {
        var entries = Node.Mapping(minimumCapacity: keys.count)
        for (key, value) in zip(keys, values) where !diagnostics.isOver {
            guard let earlier = entries.updateValue(value, forKey: key) else { continue }
            entries[key] = earlier
            diagnostics.problem(
                "mapping key \"\(key)\" already defined at line \(earlier.keyMark.line)",
                at: value.keyMark,
                hint: "remove or rename one of them"
            )
        }
        return entries
    }

    private enum Key {
        case text(String)
        /// `<<`
        case merge
        /// Not one a compose file can have; reported.
        case none
    }

    private mutating func key(
        _ event: YAMLParser.Event,
        depth: Int,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) -> Key {
        if case .scalar(isPlain: true) = event.kind, event.text.elementsEqual("<<".utf8) {
            return .merge
        }
        let node = try node(event, depth: depth + 1, &diagnostics).node
        if let text = node.string { return .text(text) }
        diagnostics.problem(
            "a key must be a string, not \(node.kindInWords)",
            at: event.mark,
            hint: "quote it"
        )
        return .none
    }

    /// YAML's merge key: what is there already wins, an earlier element of a list over a later one.
    private func merge(
        _ node: Node,
        into entries: inout Node.Mapping,
        _ diagnostics: inout Diagnostics
    ) {
        switch node.value {
        case .map(let mapping):
            for (key, value) in mapping where entries[key] == nil { entries[key] = value }
        case .list(let items) where items.allSatisfy({ $0.map != nil }):
            for item in items { merge(item, into: &entries, &diagnostics) }
        default:
            diagnostics.problem(
                "a merge key needs a mapping or a list of mappings, not \(node.kindInWords)",
                at: node.mark
            )
        }
    }
}
