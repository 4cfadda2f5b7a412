import OrderedCollections

/// Finishes a merged tree: what is reset goes, of equal elements of a list the later one stays at
/// the earlier one's place, tags are spent.
struct DuplicateResolver {
    /// Off where a part is resolved that is resolved again with the whole.
    var reportsRepeats = false

    func resolve(
        _ node: inout Node,
        as shape: Shape,
        rule: MergeRule = .standard,
        _ diagnostics: inout Diagnostics
    ) {
        node.tag = .none
        switch node.value {
        case .map(let entries):
            guard entries.values.contains(where: { $0.tag == .reset }) else { break }
            node.value = .map(entries.filter { $0.value.tag != .reset })
        case .list(let items): node.value = .list(unique(items, rule, &diagnostics))
        default: return
        }
        // Not written where nothing changes, since what is written may be copied first.
        node.updateEachPart(shape.parts, where: { $0.isTree || $0.tag != .none }, &diagnostics) {
            part,
            node,
            diagnostics in
            resolve(&node, as: part.shape, rule: part.merge, &diagnostics)
        }
    }

    /// The elements without doubles; a reset one takes its equals before it along.
    private func unique(
        _ items: [Node],
        _ rule: MergeRule,
        _ diagnostics: inout Diagnostics
    ) -> [Node] {
        guard items.count > 1 || items.first?.tag == .reset else { return items }
        guard rule.makesUnique else {
            let kept = withoutReset(items)
            if rule == .distinct, reportsRepeats { tellRepeats(in: kept, &diagnostics) }
            return kept
        }
        let key = uniqueKey(rule)
        if areUnique(items, by: key) { return items }
        if rule == .appendMissing, reportsRepeats {
            tellRepeats(in: items, acrossFiles: false, &diagnostics)
        }
        var places: OrderedDictionary<Node.Value, Node> = [:]
        for item in items {
            let same = key(item)
            if item.tag == .reset {
                places[same] = nil
            } else if let earlier = places[same] {
                if rule == .appendMissing { continue }
                warn(item, earlier, rule, &diagnostics)
                places[same] = item
            } else {
                places[same] = item
            }
        }
        return Array(places.values)
    }

    /// A few elements, as most lists have, of which no two are the same; false of more.
    private func areUnique(_ items: [Node], by key: (Node) -> Node.Value) -> Bool {
        guard items.count <= 8, items.allSatisfy({ $0.tag != .reset }) else { return false }
        let keys = items.map(key)
        return keys.indices.allSatisfy { !keys[..<$0].contains(keys[$0]) }
    }

    /// The elements that no later element of the same value resets.
    private func withoutReset(_ items: [Node]) -> [Node] {
        guard items.contains(where: { $0.tag == .reset }) else { return items }
        var gone: Set<Node.Value> = []
        var kept: [Node] = []
        for item in items.reversed() {
            if item.tag == .reset {
                gone.insert(item.value)
            } else if !gone.contains(item.value) {
                kept.append(item)
            }
        }
        return kept.reversed()
    }

    /// Elements that are there already; both places are named. Another file may repeat what it adds to.
    private func tellRepeats(
        in items: [Node],
        acrossFiles: Bool = true,
        _ diagnostics: inout Diagnostics
    ) {
        var places: [Node.Value: Mark] = [:]
        for (index, item) in items.enumerated() where item.tag != .reset {
            guard let earlier = places.updateValue(item.mark, forKey: item.value) else { continue }
            places[item.value] = earlier
            guard acrossFiles || earlier.file == item.mark.file else { continue }
            diagnostics.enter(index)
            diagnostics.problem(
                "\(item.string.map { "\"\($0)\"" } ?? "this element") is listed twice",
                at: item.mark,
                hint: "remove one; the other one is at "
                    + diagnostics.words(for: earlier, from: item.mark)
            )
            diagnostics.leave()
        }
    }

    /// Of two mounts at one place in one file, one is a mistake.
    private func warn(
        _ item: Node,
        _ earlier: Node,
        _ rule: MergeRule,
        _ diagnostics: inout Diagnostics
    ) {
        guard case .unique(.target) = rule, item.mark.file == earlier.mark.file,
            item.value != earlier.value
        else { return }
        guard case .string(let target) = uniqueKey(rule)(item) else { return }
        let other = diagnostics.words(for: earlier.mark, from: item.mark)
        diagnostics.warning(
            "the target \"\(target)\" is used twice: this one wins",
            at: item.mark,
            hint: "the other one is at \(other)"
        )
    }

    /// What makes two elements the same.
    func uniqueKey(_ rule: MergeRule) -> (Node) -> Node.Value {
        guard case .unique(let key) = rule else { return { $0.value } }
        switch key {
        case .text: return { $0.value }
        case .keyOfPair:
            return { node in
                node.string.map { .string(String($0.prefix { $0 != "=" })) } ?? node.value
            }
        case .path: return { $0["path"]?.value ?? $0.value }
        case .subnet: return { $0["subnet"]?.value ?? $0.value }
        case .port:
            return { node in
                guard node.map != nil else { return node.value }
                let address = node["host_ip"]?.string ?? "0.0.0.0"
                let published = node["published"]?.string ?? ""
                let transport = node["protocol"]?.string ?? "tcp"
                return .string("\(address):\(published):\(node["target"]?.int ?? 0)/\(transport)")
            }
        case .target(let folder):
            return { node in
                if let target = node["target"]?.string { return .string(target) }
                guard let source = node["source"]?.string else { return node.value }
                return .string((folder ?? "") + source)
            }
        }
    }
}
