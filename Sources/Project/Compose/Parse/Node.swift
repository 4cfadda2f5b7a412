import OrderedCollections

/// A node of a compose file that knows where it was written. Every phase but the last works on it.
struct Node: Hashable, Sendable {
    var value: Value
    /// Where the value begins.
    var mark: Mark
    /// Where the key begins that the value stands under; the value itself where there is no key.
    var keyMark: Mark
    /// What `!reset` and `!override` ask of the merge.
    var tag = MergeTag.none

    init(_ value: Value, at mark: Mark, keyMark: Mark? = nil) {
        self.value = value
        self.mark = mark
        self.keyMark = keyMark ?? mark
    }

    /// What a later value does to an earlier one at the same path, beyond the rule of the path.
    enum MergeTag: Hashable, Sendable {
        case none
        /// `!reset`: the earlier value goes, and there is no new one.
        case reset
        /// `!override`: the earlier value goes, this one stays.
        case override
    }

    enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case int(Int64)
        case float(Double)
        case string(String)
        case list([Node])
        case map(Mapping)
    }

    typealias Mapping = OrderedDictionary<String, Node>
}

extension Node {
    /// A text that is written nowhere.
    static func text(_ text: String) -> Node { Node(.string(text), at: .commandLine) }

    /// The node with another content, at the same place.
    func with(_ value: Value) -> Node {
        var copy = self
        copy.value = value
        return copy
    }

    /// A part that is written nowhere itself and takes its place from this node.
    func made(_ value: Value) -> Node { Node(value, at: mark, keyMark: keyMark) }

    var map: Mapping? {
        if case .map(let mapping) = value { mapping } else { nil }
    }

    var list: [Node]? {
        if case .list(let items) = value { items } else { nil }
    }

    var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// Nodes of the tree, this one included.
    var size: Int {
        switch value {
        case .list(let items): Self.size(of: items)
        case .map(let entries): Self.size(of: entries.values.elements)
        default: 1
        }
    }

    private static func size(of parts: [Node]) -> Int {
        // By index, which copies no part that has none itself.
        parts.indices.reduce(1) { $0 + (parts[$1].isTree ? parts[$1].size : 1) }
    }

    // Swift 6.3.1 in release mode breaks on these two when they are inlined behind an optional
    // chain ("Found ownership error" in CopyPropagation).
    @inline(never)
    var bool: Bool? {
        if case .bool(let flag) = value { flag } else { nil }
    }

    @inline(never)
    var int: Int64? {
        if case .int(let number) = value { number } else { nil }
    }

    var isString: Bool {
        if case .string = value { true } else { false }
    }

    /// Has parts.
    var isTree: Bool {
        switch value {
        case .list, .map: true
        default: false
        }
    }

    var isNull: Bool {
        if case .null = value { true } else { false }
    }

    /// The entry of a mapping; nil when it is absent or this is no mapping.
    subscript(key: String) -> Node? {
        if case .map(let mapping) = value { mapping[key] } else { nil }
    }

    /// Texts of a list; items that are no text are left out.
    var strings: [String] { list?.compactMap(\.string) ?? [] }

    /// Changes an entry of a mapping in place; does nothing where there is no such entry.
    mutating func update(_ key: String, _ change: (inout Node) -> Void) {
        guard case .map(var mapping) = value, let index = mapping.index(forKey: key) else { return }
        value = .null  // Gives up this reference, so that the mapping is changed in place.
        change(&mapping.values[index])
        value = .map(mapping)
    }

    /// Changes every entry of a mapping in place.
    mutating func updateEach(_ change: (String, inout Node) -> Void) {
        guard case .map(var mapping) = value else { return }
        value = .null
        for index in mapping.keys.indices { change(mapping.keys[index], &mapping.values[index]) }
        value = .map(mapping)
    }

    /// Sets or removes an entry of a mapping.
    mutating func set(_ key: String, _ entry: Node?) {
        guard case .map(var mapping) = value else { return }
        value = .null
        mapping[key] = entry
        value = .map(mapping)
    }

    /// What kind of thing a value is, for messages: `a mapping`.
    var kindInWords: String {
        switch value {
        case .null: "empty"
        case .bool: "a boolean"
        case .int, .float: "a number"
        case .string: "a string"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}
