import OrderedCollections

/// What of a canonical tree is said, and in which order: that of the table for fixed keys, sorted
/// for names. The form is docker compose's.
struct CanonicalOrder {
    enum Format { case yaml, json }

    /// An entry by where it is, so that putting entries in order copies nothing.
    struct Entry {
        /// Where it is in the mapping; nil for a value that JSON says although it is not there.
        var index: Int?
        /// Its row of the table; nil for a key that is a name.
        var attribute: Attribute?
        var shape: Shape
    }

    let format: Format

    /// The entries of a mapping, in order, without those that say nothing.
    func entries(_ mapping: Node.Mapping, of shape: Shape) -> [Entry] {
        switch shape.parts {
        case .fields(let fields): fixed(mapping, fields)
        case .entries(let entry): sorted(mapping, entry.shape)
        case .none, .elements: sorted(mapping, .anything)
        }
    }

    /// Place of a fixed key in the order, and index of its entry; nil for a value that JSON says
    /// although it is not there.
    private typealias Placed = (place: Int, index: Int?)

    private func fixed(_ mapping: Node.Mapping, _ fields: Fields) -> [Entry] {
        var placed: [Placed] = []
        var extensions: [Int] = []
        placed.reserveCapacity(mapping.count)
        for index in mapping.keys.indices {
            guard let place = fields.place(of: mapping.keys[index]) else {
                extensions.append(index)
                continue
            }
            guard isSaid(mapping.values[index], fields.attributes[place]) else { continue }
            placed.append((place, index))
        }
        if format == .json { addAbsent(to: &placed, mapping, fields) }
        placed.sort { $0.place < $1.place }
        let result = placed.map { place, index in
            let attribute = fields.attributes[place]
            return Entry(index: index, attribute: attribute, shape: attribute.shape)
        }
        // The reference's JSON has extensions only at the top.
        guard !extensions.isEmpty, format == .yaml || fields.place(of: "services") != nil else {
            return result
        }
        return result + sorted(extensions, of: mapping, .anything)
    }

    private func addAbsent(
        to placed: inout [Placed],
        _ mapping: Node.Mapping,
        _ fields: Fields
    ) {
        for place in fields.saidInJSON where mapping[fields.attributes[place].key]?.isNull ?? true {
            placed.append((place, nil))
        }
    }

    private func sorted(_ mapping: Node.Mapping, _ shape: Shape) -> [Entry] {
        sorted(Array(mapping.keys.indices), of: mapping, shape)
    }

    private func sorted(
        _ indices: [Int],
        of mapping: Node.Mapping,
        _ shape: Shape
    ) -> [Entry] {
        var indices = indices
        let keys = mapping.keys
        if indices.count > 1 {
            switch format {
            case .yaml: indices.sort { NaturalOrder.isOrdered(keys[$0], keys[$1]) }
            case .json: indices.sort { keys[$0].utf8.lexicographicallyPrecedes(keys[$1].utf8) }
            }
        }
        return indices.map { Entry(index: $0, attribute: nil, shape: shape) }
    }

    /// Zero values are not said, but for those that mean something.
    private func isSaid(_ node: Node, _ attribute: Attribute) -> Bool {
        if attribute.isHidden(node) { return false }
        if attribute.keepsEmpty { return !node.isNull || attribute.shape.isAnything }
        return switch node.value {
        case .null: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .float(let number): number != 0
        case .string(let text):
            !text.isEmpty && !(text == "0" && attribute.shape.isBytes)
                && !(text == "0s" && attribute.shape.isDuration)
        case .list(let items): !items.isEmpty
        case .map(let entries):
            !entries.isEmpty || (attribute.shape.isFields && attribute.alwaysInJSON == nil)
        }
    }
}

extension Shape {
    var isAnything: Bool { if case .anything = self { true } else { false } }
    var isBytes: Bool {
        switch self {
        case .bytes, .wholeBytes: true
        default: false
        }
    }
    var isDuration: Bool { if case .duration = self { true } else { false } }

    /// A mapping with fixed keys, which is said even when it is empty.
    var isFields: Bool { if case .fields = parts { true } else { false } }
}
