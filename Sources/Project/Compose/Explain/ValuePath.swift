import OrderedCollections

/// The way to a value in a tree: keys and places in lists.
struct ValuePath: Hashable {
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    var steps: [Step]

    /// `services.web.ports[0].target`; a key with a dot or bracket in it is quoted.
    var text: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key):
                if key.isEmpty || key.contains(where: { ".[]\"".contains($0) }) {
                    text += "[\"\(key)\"]"
                } else {
                    text += (text.isEmpty ? "" : ".") + key
                }
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The node at the path; nil where there is none.
    func node(in root: Node) -> Node? {
        var node = root
        for step in steps {
            switch step {
            case .key(let key):
                guard let next = node[key] else { return nil }
                node = next
            case .index(let index):
                guard let list = node.list, list.indices.contains(index) else { return nil }
                node = list[index]
            }
        }
        return node
    }
}

/// Reads what a user typed as the path of a value. Keys may hold dots: the longest key that fits
/// is taken first, and shorter ones where that leads nowhere.
struct PathSearch {
    /// How far a text leads: the steps that exist, and the text that does not.
    struct Reach {
        var path: ValuePath
        var node: Node
        var rest: Substring
    }

    let root: Node
    /// The farthest that a search came.
    private(set) var reach: Reach

    init(_ root: Node) {
        self.root = root
        reach = Reach(path: ValuePath(steps: []), node: root, rest: "")
    }

    /// The path that a text names, with `services.` before it or without; nil where none is.
    mutating func find(_ text: String) -> ValuePath? {
        reach = Reach(path: ValuePath(steps: []), node: root, rest: text[...])
        if let found = find(text[...], in: root, []) { return found }
        guard let services = root["services"] else { return nil }
        return find(text[...], in: services, [.key("services")])
    }

    private mutating func find(
        _ rest: Substring,
        in node: Node,
        _ steps: [ValuePath.Step]
    ) -> ValuePath? {
        if steps.count > reach.path.steps.count {
            reach = Reach(path: ValuePath(steps: steps), node: node, rest: rest)
        }
        guard !rest.isEmpty else { return steps.isEmpty ? nil : ValuePath(steps: steps) }
        for (step, child, after) in candidates(rest, in: node) {
            if let found = find(after, in: child, steps + [step]) { return found }
        }
        return nil
    }

    /// The children that a text may begin with, longest key first, and what follows each.
    private func candidates(
        _ text: Substring,
        in node: Node
    ) -> [(ValuePath.Step, Node, Substring)] {
        let plain = text.first == "." ? text.dropFirst() : text
        if let (word, after) = Self.bracketed(plain) ?? Self.quoted(plain) {
            return children(named: word, in: node).map { ($0.0, $0.1, after) }
        }
        switch node.value {
        case .map(let entries):
            return entries.filter { key, _ in
                guard plain.hasPrefix(key) else { return false }
                let next = plain.dropFirst(key.count).first
                return next == nil || next == "." || next == "["
            }.sorted { $0.key.count > $1.key.count }.map { key, child in
                (.key(key), child, plain.dropFirst(key.count))
            }
        case .list:
            let ends = plain.indices.filter { plain[$0] == "." || plain[$0] == "[" }
            return ([plain.endIndex] + ends.reversed()).flatMap { end in
                children(named: String(plain[..<end]), in: node).map {
                    ($0.0, $0.1, plain[end...])
                }
            }
        default: return []
        }
    }

    /// `[0]`, `["a.b"]`, `[80]`
    private static func bracketed(_ text: Substring) -> (String, Substring)? {
        guard text.first == "[" else { return nil }
        if let (word, after) = quoted(text.dropFirst()) {
            return after.first == "]" ? (word, after.dropFirst()) : nil
        }
        guard let close = text.firstIndex(of: "]") else { return nil }
        return (String(text[..<close].dropFirst()), text[close...].dropFirst())
    }

    /// `"a.b"` or `'a.b'`
    private static func quoted(_ text: Substring) -> (String, Substring)? {
        guard let quote = text.first, quote == "\"" || quote == "'",
            let close = text.dropFirst().firstIndex(of: quote)
        else { return nil }
        return (String(text[..<close].dropFirst()), text[close...].dropFirst())
    }

    /// An entry by its key; an element by its place, or by what it is known by.
    private func children(named word: String, in node: Node) -> [(ValuePath.Step, Node)] {
        switch node.value {
        case .map(let entries): return entries[word].map { [(.key(word), $0)] } ?? []
        case .list(let items):
            if let index = Int(word), items.indices.contains(index) {
                return [(.index(index), items[index])]
            }
            return items.indices.filter { Self.isKnown(items[$0], by: word) }
                .map { (.index($0), items[$0]) }
        default: return []
        }
    }

    /// Whether a list's element is the one that a word means: its text, what stands before its
    /// `=`, or one of the members that elements are told apart by.
    private static func isKnown(_ item: Node, by word: String) -> Bool {
        switch item.value {
        case .string(let text): return text == word || text.prefix { $0 != "=" } == word[...]
        case .map(let entries):
            return ["target", "source", "path", "subnet", "name", "published"].contains { key in
                switch entries[key]?.value {
                case .string(let text): text == word
                case .int(let number): String(number) == word
                default: false
                }
            }
        default: return false
        }
    }
}
