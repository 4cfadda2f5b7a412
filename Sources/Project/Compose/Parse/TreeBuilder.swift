/// Builds trees from events: anchors, aliases, merge keys, duplicate keys, tags.
struct TreeBuilder: ~Copyable {
    /// Ends the reading of a file; what is wrong is in the diagnostics.
    struct Stop: Error {}

    struct Sized {
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
    let limits: LoadLimits
    private var anchors: [String: Sized] = [:]
    /// Anchors whose node is being read: an alias to one would contain itself.
    private var open: Set<String> = []
    /// Parts of the collections being read, innermost last: how many a collection has is known at
    /// its end, and memory for exactly so many is taken then.
    var parts: [Node] = []
    /// Keys of those parts that stand in mappings.
    var keys: [String] = []
    var nodeCount = 0
    private var anchorCount = 0
    private var aliasedCount = 0
    private var aliasedBytes = 0
    /// An alias stands for nothing: what is read is not what was meant.
    private var hasGap = false

    init(parser: consuming YAMLParser, limits: LoadLimits) {
        self.parser = parser
        self.limits = limits
    }

    mutating func documents(_ diagnostics: inout Diagnostics) -> [Node]? {
        var documents: [Node] = []
        do {
            while true {
                let event = try next(&diagnostics)
                switch event.kind {
                case .streamEnd: return hasGap ? nil : documents
                case .documentStart:
                    guard documents.count < limits.documents else {
                        diagnostics.problem(
                            "the file has more than \(limits.documents) documents",
                            at: event.mark
                        )
                        return nil
                    }
                    anchors.removeAll(keepingCapacity: true)
                    let first = try next(&diagnostics)
                    documents.append(try node(first, depth: 0, &diagnostics).node)
                default: continue
                }
            }
        } catch {
            return nil
        }
    }

    mutating func next(_ diagnostics: inout Diagnostics) throws(Stop) -> YAMLParser.Event {
        do {
            return try parser.next()
        } catch {
            diagnostics.syntaxProblem(error)
            throw Stop()
        }
    }

    mutating func node(
        _ event: YAMLParser.Event,
        depth: Int,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) -> Sized {
        nodeCount += 1
        guard !diagnostics.isOver else { throw Stop() }
        guard depth <= limits.depth, nodeCount <= limits.fileNodes else {
            let what =
                depth > limits.depth
                ? "nested deeper than \(limits.depth) levels"
                : "too long: it has more than \(limits.fileNodes) values"
            diagnostics.problem("the file is \(what)", at: event.mark)
            throw Stop()
        }
        guard event.text.count <= limits.scalarBytes else {
            diagnostics.problem(
                "a text of more than \(limits.scalarBytes >> 10) KiB",
                at: event.mark,
                hint: "put it into a file of its own"
            )
            throw Stop()
        }
        if case .alias = event.kind { return try alias(event, &diagnostics) }
        if let anchor = event.anchor { open.insert(anchor) }
        var result = Sized(node: Node(.null, at: event.mark), size: 1)
        switch event.kind {
        case .scalar(let isPlain):
            result.node.value = scalar(event, isPlain: isPlain)
            result.bytes = event.text.count
        case .sequenceStart: try sequence(into: &result, depth: depth, &diagnostics)
        default: try mapping(into: &result, depth: depth, &diagnostics)
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
                diagnostics.problem(
                    "the file has more than \(limits.anchors) anchors",
                    at: event.mark
                )
                throw Stop()
            }
        }
        return result
    }

    private mutating func alias(
        _ event: YAMLParser.Event,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) -> Sized {
        let name = event.anchor ?? ""
        guard !open.contains(name) else {
            diagnostics.problem("the anchor \"\(name)\" contains itself", at: event.mark)
            throw Stop()
        }
        guard let anchored = anchors[name] else {
            hasGap = true
            let near = diagnostics.suggestion(for: name, among: anchors.keys.sorted())
            diagnostics.problem(
                "unknown anchor \"\(name)\" referenced",
                at: event.mark,
                hint: near ?? "define it earlier in the same document with &\(name)"
            )
            return Sized(node: Node(.null, at: event.mark), size: 1)
        }
        aliasedCount += anchored.size
        guard aliasedCount <= limits.aliasedNodes else {
            diagnostics.problem(
                "the aliases of this file expand to more than \(limits.aliasedNodes) nodes",
                at: event.mark
            )
            throw Stop()
        }
        aliasedBytes += anchored.bytes
        guard aliasedBytes <= limits.aliasedBytes else {
            diagnostics.problem(
                "the aliases of this file expand to more than \(limits.aliasedBytes >> 20) MiB",
                at: event.mark
            )
            throw Stop()
        }
        return anchored
    }

    /// One more element of a list or mapping; ends the reading where there is no room for it.
    func checkRoom(
        for count: inout Int,
        _ kind: String,
        at mark: Mark,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) {
        count += 1
        guard count > limits.elements else { return }
        diagnostics.problem("this \(kind) has more than \(limits.elements) elements", at: mark)
        throw Stop()
    }

    private mutating func sequence(
        into result: inout Sized,
        depth: Int,
        _ diagnostics: inout Diagnostics
    ) throws(Stop) {
        let start = parts.count
        var count = 0
        while true {
            let event = try next(&diagnostics)
            if case .sequenceEnd = event.kind { break }
            try checkRoom(for: &count, "list", at: event.mark, &diagnostics)
            let item = try node(event, depth: depth + 1, &diagnostics)
            result.add(item)
            parts.append(item.node)
        }
        result.node.value = .list(Array(parts[start...]))
        parts.removeSubrange(start...)
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
