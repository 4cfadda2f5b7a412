import OrderedCollections

/// Finishes a merged tree: what is reset goes, of equal elements of a list the later one stays at
/// the earlier one's place, tags are spent.
struct Settle {
    func settled(
        _ node: Node,
        as shape: Shape,
        rule: MergeRule = .standard,
        _ report: inout Report
    ) -> Node {
        var result = node
        result.tag = .none
        switch node.value {
        case .map(var entries):
            result.value = .null  // Gives up a reference, so that the entries are changed in place.
            for index in entries.keys.indices {
                let key = entries.keys[index]
                guard entries.values[index].tag != .reset else { continue }
                let (entryShape, entryRule) = part(key, of: shape)
                report.enter(key)
                entries.values[index] = settled(
                    entries.values[index],
                    as: entryShape,
                    rule: entryRule,
                    &report
                )
                report.leave()
            }
            if entries.values.contains(where: { $0.tag == .reset }) {
                entries = entries.filter { $0.value.tag != .reset }
            }
            result.value = .map(entries)
        case .list(let items):
            let element = element(of: shape)
            var list = unique(items, rule, &report)
            for index in list.indices {
                report.enter(index)
                list[index] = settled(list[index], as: element, &report)
                report.leave()
            }
            result.value = .list(list)
        default: break
        }
        return result
    }

    /// Shape of an entry of a mapping, and how a later value of it joins an earlier one.
    func part(_ key: String, of shape: Shape) -> (Shape, MergeRule) {
        switch shape {
        case .fields(let fields):
            fields[key].map { ($0.shape, $0.merge) } ?? (.anything, .standard)
        case .named(let entry, _), .dictionary(let entry): (entry, .standard)
        case .form(let form): part(key, of: form.long)
        default: (.anything, .standard)
        }
    }

    /// Shape of the elements of a list.
    func element(of shape: Shape) -> Shape {
        switch shape {
        case .list(let element): element
        case .form(let form): element(of: form.long)
        default: .anything
        }
    }

    /// The elements without doubles; a reset one takes its equals before it along.
    private func unique(
        _ items: [Node],
        _ rule: MergeRule,
        _ report: inout Report
    ) -> [Node] {
        guard items.count > 1 || items.first?.tag == .reset else { return items }
        var places: OrderedDictionary<Node.Value, Node> = [:]
        var others: [Node] = []
        let key = uniqueKey(rule)
        let keepsAll = rule == .standard
        for item in items {
            let same = key(item)
            if item.tag == .reset {
                places[same] = nil
                others.removeAll { key($0) == same }
            } else if keepsAll {
                others.append(item)
            } else if let earlier = places[same] {
                if rule == .appendMissing { continue }
                warn(item, earlier, rule, &report)
                places[same] = item
            } else {
                places[same] = item
            }
        }
        return keepsAll ? others : Array(places.values)
    }

    /// Of two mounts at one place in one file, one is a mistake.
    private func warn(
        _ item: Node,
        _ earlier: Node,
        _ rule: MergeRule,
        _ report: inout Report
    ) {
        guard case .unique(.target) = rule, item.mark.file == earlier.mark.file,
            item.value != earlier.value
        else { return }
        report.warning(
            "the target \"\(item["target"]?.string ?? "")\" is used twice: this one wins",
            at: item.mark,
            hint: "the other one is at " + report.words(for: earlier.mark, from: item.mark)
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
