import OrderedCollections

/// Reads the documents of a file into trees; nil when they could not be read to the end. Problems
/// go into the report.
func parseDocuments(
    _ bytes: [UInt8],
    file: Mark,
    limits: LoadLimits,
    report: inout Report
) -> [Node]? {
    guard bytes.count <= limits.fileBytes else {
        report.problem("the file is larger than \(limits.fileBytes >> 20) MiB", at: file)
        return nil
    }
    guard !hasMoreDirectives(than: limits.directives, bytes) else {
        report.problem("the file has more than \(limits.directives) % directives", at: file)
        return nil
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var builder = TreeBuilder(parser: YAMLParser(buffer, file: file), limits: limits)
        return builder.documents(&report)
    }
}

/// Whether more lines begin with `%` than are allowed; in text they would be indented.
private func hasMoreDirectives(than limit: Int, _ bytes: [UInt8]) -> Bool {
    guard bytes.contains(UInt8(ascii: "%")) else { return false }
    var count = 0
    var previous = UInt8(ascii: "\n")
    for byte in bytes {
        if byte == UInt8(ascii: "%"), previous == UInt8(ascii: "\n") { count += 1 }
        previous = byte
    }
    return count > limit
}

/// Builds trees from events: anchors, aliases, merge keys, duplicate keys, tags.
private struct TreeBuilder: ~Copyable {
    /// Ends the reading of a file; what is wrong is in the report.
    private struct Stop: Error {}

    private struct Sized {
        var node: Node
        /// Nodes it stands for, itself included.
        var size: Int
        /// Bytes of text in it.
        var bytes = 0

        mutating func add(_ part: Sized) {
            size += part.size
            bytes += part.bytes
        }
    }

    private var parser: YAMLParser
    private let limits: LoadLimits
    private var anchors: [String: Sized] = [:]
    /// Anchors whose node is being read: an alias to one would contain itself.
    private var open: Set<String> = []
    /// Parts of the collections being read, innermost last: how many a collection has is known at
    /// its end, and memory for exactly so many is taken then.
    private var parts: [Node] = []
    /// Keys of those parts that stand in mappings.
    private var keys: [String] = []
    private var nodeCount = 0
    private var anchorCount = 0
    private var aliasedCount = 0
    private var aliasedBytes = 0
    /// An alias stands for nothing: what is read is not what was meant.
    private var hasGap = false

    init(parser: consuming YAMLParser, limits: LoadLimits) {
        self.parser = parser
        self.limits = limits
    }

    mutating func documents(_ report: inout Report) -> [Node]? {
        var documents: [Node] = []
        do {
            while true {
                let event = try next(&report)
                switch event.kind {
                case .streamEnd: return hasGap ? nil : documents
                case .documentStart:
                    guard documents.count < limits.documents else {
                        report.problem(
                            "the file has more than \(limits.documents) documents",
                            at: event.mark
                        )
                        return nil
                    }
                    anchors.removeAll(keepingCapacity: true)
                    let first = try next(&report)
                    documents.append(try node(first, depth: 0, &report).node)
                default: continue
                }
            }
        } catch {
            return nil
        }
    }

    private mutating func next(_ report: inout Report) throws(Stop) -> YAMLParser.Event {
        do {
            return try parser.next()
        } catch {
            report.syntaxProblem(error)
            throw Stop()
        }
    }

    private mutating func node(
        _ event: YAMLParser.Event,
        depth: Int,
        _ report: inout Report
    ) throws(Stop) -> Sized {
        nodeCount += 1
        guard !report.isOver else { throw Stop() }
        guard depth <= limits.depth, nodeCount <= limits.fileNodes else {
            let what =
                depth > limits.depth
                ? "nested deeper than \(limits.depth) levels"
                : "too long: it has more than \(limits.fileNodes) values"
            report.problem("the file is \(what)", at: event.mark)
            throw Stop()
        }
        guard event.text.count <= limits.scalarBytes else {
            report.problem(
                "a text of more than \(limits.scalarBytes >> 10) KiB",
                at: event.mark,
                hint: "put it into a file of its own"
            )
            throw Stop()
        }
        if case .alias = event.kind { return try alias(event, &report) }
        if let anchor = event.anchor { open.insert(anchor) }
        var result = Sized(node: Node(.null, at: event.mark), size: 1)
        switch event.kind {
        case .scalar(let isPlain):
            result.node.value = scalar(event, isPlain: isPlain)
            result.bytes = event.text.count
        case .sequenceStart: try sequence(into: &result, depth: depth, &report)
        default: try mapping(into: &result, depth: depth, &report)
        }
        switch event.tag {
        case "!reset": result.node.tag = .reset
        case "!override": result.node.tag = .override
        default: break
        }
        if let anchor = event.anchor {
            open.remove(anchor)
            anchors[anchor] = result
            anchorCount += 1
            guard anchorCount <= limits.anchors else {
                report.problem("the file has more than \(limits.anchors) anchors", at: event.mark)
                throw Stop()
            }
        }
        return result
    }

    private mutating func alias(
        _ event: YAMLParser.Event,
        _ report: inout Report
    ) throws(Stop) -> Sized {
        let name = event.anchor ?? ""
        guard !open.contains(name) else {
            report.problem("the anchor \"\(name)\" contains itself", at: event.mark)
            throw Stop()
        }
        guard let anchored = anchors[name] else {
            hasGap = true
            let near = report.suggestion(for: name, among: anchors.keys.sorted())
            report.problem(
                "unknown anchor \"\(name)\" referenced",
                at: event.mark,
                hint: near ?? "define it earlier in the same document with &\(name)"
            )
            return Sized(node: Node(.null, at: event.mark), size: 1)
        }
        aliasedCount += anchored.size
        guard aliasedCount <= limits.aliasedNodes else {
            report.problem(
                "the aliases of this file expand to more than \(limits.aliasedNodes) nodes",
                at: event.mark
            )
            throw Stop()
        }
        aliasedBytes += anchored.bytes
        guard aliasedBytes <= limits.aliasedBytes else {
            report.problem(
                "the aliases of this file expand to more than \(limits.aliasedBytes >> 20) MiB",
                at: event.mark
            )
            throw Stop()
        }
        return anchored
    }

    /// One more element of a list or mapping; ends the reading where there is no room for it.
    private func checkRoom(
        for count: inout Int,
        _ kind: String,
        at mark: Mark,
        _ report: inout Report
    ) throws(Stop) {
        count += 1
        guard count > limits.elements else { return }
        report.problem("this \(kind) has more than \(limits.elements) elements", at: mark)
        throw Stop()
    }

    private mutating func sequence(
        into result: inout Sized,
        depth: Int,
        _ report: inout Report
    ) throws(Stop) {
        let start = parts.count
        var count = 0
        while true {
            let event = try next(&report)
            if case .sequenceEnd = event.kind { break }
            try checkRoom(for: &count, "list", at: event.mark, &report)
            let item = try node(event, depth: depth + 1, &report)
            result.add(item)
            parts.append(item.node)
        }
        result.node.value = .list(Array(parts[start...]))
        parts.removeSubrange(start...)
    }

    private mutating func mapping(
        into result: inout Sized,
        depth: Int,
        _ report: inout Report
    ) throws(Stop) {
        let (start, firstKey) = (parts.count, keys.count)
        var merged: [Node] = []
        var mergeKey: (mark: Mark, name: String)?
        var count = 0
        while true {
            let event = try next(&report)
            if case .mappingEnd = event.kind { break }
            try checkRoom(for: &count, "mapping", at: event.mark, &report)
            let keyMark = event.mark
            let keyBytes = event.text.count
            let key = try key(event, depth: depth, &report)
            let first = try next(&report)
            let value = try node(first, depth: depth + 1, &report)
            result.add(value)
            result.bytes += keyBytes
            switch key {
            case .none: continue
            case .merge:
                let name = Self.shown(first)
                if let earlier = mergeKey {
                    report.problem(
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
        var entries = entries(keys[firstKey...], parts[start...], &report)
        keys.removeSubrange(firstKey...)
        parts.removeSubrange(start...)
        for node in merged {
            // What is merged into what is merged, and so on, is put together on every level.
            nodeCount += node.map?.count ?? node.list?.reduce(0) { $0 + ($1.map?.count ?? 0) } ?? 0
            guard nodeCount <= limits.fileNodes else {
                report.problem("the merge keys put together too many values", at: node.mark)
                throw Stop()
            }
            merge(node, into: &entries, &report)
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
        _ report: inout Report
    ) -> Node.Mapping {
        var entries = Node.Mapping(minimumCapacity: keys.count)
        for (key, value) in zip(keys, values) where !report.isOver {
            guard let earlier = entries.updateValue(value, forKey: key) else { continue }
            entries[key] = earlier
            report.problem(
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
        _ report: inout Report
    ) throws(Stop) -> Key {
        if case .scalar(isPlain: true) = event.kind, event.text.elementsEqual("<<".utf8) {
            return .merge
        }
        let node = try node(event, depth: depth + 1, &report).node
        if let text = node.string { return .text(text) }
        report.problem(
            "a key must be a string, not \(node.kindInWords)",
            at: event.mark,
            hint: "quote it"
        )
        return .none
    }

    /// YAML's merge key: what is there already wins, an earlier element of a list over a later one.
    private func merge(_ node: Node, into entries: inout Node.Mapping, _ report: inout Report) {
        switch node.value {
        case .map(let mapping):
            for (key, value) in mapping where entries[key] == nil { entries[key] = value }
        case .list(let items) where items.allSatisfy({ $0.map != nil }):
            for item in items { merge(item, into: &entries, &report) }
        default:
            report.problem(
                "a merge key needs a mapping or a list of mappings, not \(node.kindInWords)",
                at: node.mark
            )
        }
    }

    private func scalar(_ event: YAMLParser.Event, isPlain: Bool) -> Node.Value {
        switch event.tag {
        case nil, "!reset", "!override":
            return isPlain
                ? .init(resolvingPlain: event.text)
                : .string(String(decoding: event.text, as: UTF8.self))
        case "tag:yaml.org,2002:null": return .null
        case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int":
            return .init(resolvingPlain: event.text)
        case "tag:yaml.org,2002:float":
            let value = Node.Value(resolvingPlain: event.text)
            if case .int(let number) = value { return .float(Double(number)) }
            return value
        default: return .string(String(decoding: event.text, as: UTF8.self))
        }
    }
}
