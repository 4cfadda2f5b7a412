import OrderedCollections

/// What of a canonical tree is said, and in which order: that of the table for fixed keys, sorted
/// for names. The form is docker compose's.
struct CanonicalOrder {
    enum Format { case yaml, json }

    struct Entry {
        var key: String
        /// nil stands for a value that JSON says although it is not there.
        var node: Node?
        var shape: Shape
    }

    let format: Format

    /// The entries of a mapping, in order, without those that say nothing.
    func entries(_ mapping: Node.Mapping, of shape: Shape) -> [Entry] {
        switch shape {
        case .fields(let fields): fixed(mapping, fields)
        case .form(let form): entries(mapping, of: form.long)
        case .named(let entry, _), .dictionary(let entry): sorted(mapping, entry)
        case .pairs: sorted(mapping, .text)
        default: sorted(mapping, .anything)
        }
    }

    /// Shape of the elements of a list.
    func element(of shape: Shape) -> Shape {
        switch shape {
        case .list(let element): element
        case .form(let form): element(of: form.long)
        case .strings, .command, .healthcheckTest: .string
        default: .anything
        }
    }

    private func fixed(_ mapping: Node.Mapping, _ fields: Fields) -> [Entry] {
        var placed: [(place: Int, entry: Entry)] = []
        var extensions: [Entry] = []
        placed.reserveCapacity(mapping.count)
        for (key, node) in mapping {
            guard let place = fields.place(of: key) else {
                extensions.append(Entry(key: key, node: node, shape: .anything))
                continue
            }
            let attribute = fields.attributes[place]
            guard isSaid(node, attribute) else { continue }
            let name = format == .json ? attribute.jsonKey : key
            placed.append((place, Entry(key: name, node: node, shape: attribute.shape)))
        }
        if format == .json { addAbsent(to: &placed, mapping, fields) }
        placed.sort { $0.place < $1.place }
        let result = placed.map(\.entry)
        // The reference's JSON has extensions only at the top.
        guard format == .yaml || fields.place(of: "services") != nil else { return result }
        return result + sorted(extensions)
    }

    private func addAbsent(
        to placed: inout [(place: Int, entry: Entry)],
        _ mapping: Node.Mapping,
        _ fields: Fields
    ) {
        for place in fields.saidInJSON {
            let attribute = fields.attributes[place]
            guard mapping[attribute.key] == nil, let always = attribute.alwaysInJSON else {
                continue
            }
            let node = always == .emptyMapping ? Node(.map([:]), at: .commandLine) : nil
            placed.append(
                (place, Entry(key: attribute.jsonKey, node: node, shape: attribute.shape))
            )
        }
    }

    private func sorted(_ mapping: Node.Mapping, _ shape: Shape) -> [Entry] {
        sorted(mapping.map { Entry(key: $0.key, node: $0.value, shape: shape) })
    }

    private func sorted(_ entries: [Entry]) -> [Entry] {
        guard entries.count > 1 else { return entries }
        return switch format {
        case .yaml: entries.sorted { NaturalOrder.isOrdered($0.key, $1.key) }
        case .json: entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        }
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
    var isBytes: Bool { if case .bytes = self { true } else { false } }
    var isDuration: Bool { if case .duration = self { true } else { false } }

    /// A mapping with fixed keys, which is said even when it is empty.
    var isFields: Bool {
        switch self {
        case .fields: true
        case .form(let form): form.long.isFields
        default: false
        }
    }
}
