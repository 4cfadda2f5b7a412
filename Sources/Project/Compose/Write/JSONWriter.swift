import OrderedCollections
import TextForms

/// Writes a canonical tree as Go's `json.MarshalIndent` does with two columns a level, or as
/// `json.Marshal` does: without any blank.
struct JSONWriter {
    private let order = CanonicalOrder(format: .json)
    private let isCompact: Bool
    private var output: [UInt8] = []

    static func document(_ root: Node, of shape: Shape, escapesDollars: Bool = true) -> String {
        var writer = JSONWriter(isCompact: false)
        if case .map(let mapping) = root.value {
            // The reference prints the top level from a map, everything below from structures.
            // It leaves the models out; who reads this expects what docker compose prints.
            let entries = writer.order.entries(mapping, of: shape)
                .map { (key: Self.key(of: $0, in: mapping), entry: $0) }
                .filter { $0.key != "models" }.sorted { $0.key < $1.key }.map(\.entry)
            writer.object(mapping, entries, indent: 0)
        }
        return Dollars.text(writer.output, doubled: escapesDollars)
    }

    private init(isCompact: Bool) { self.isCompact = isCompact }

    /// One value without line breaks, dollar signs as they are.
    static func compact(_ node: Node, of shape: Shape) -> [UInt8] {
        var writer = JSONWriter(isCompact: true)
        writer.value(node, shape, indent: 0)
        return writer.output
    }

    /// What JSON calls an entry.
    private static func key(of entry: CanonicalOrder.Entry, in mapping: Node.Mapping) -> String {
        entry.attribute?.jsonKey ?? entry.index.map { mapping.keys[$0] } ?? ""
    }

    /// A value that is said although it is not there.
    private static func absent(_ attribute: Attribute?) -> Node {
        Node(attribute?.alwaysInJSON == .emptyMapping ? .map([:]) : .null, at: .commandLine)
    }

    private mutating func object(
        _ mapping: Node.Mapping,
        _ entries: [CanonicalOrder.Entry],
        indent: Int
    ) {
        guard !entries.isEmpty else { return put("{}") }
        put("{")
        for (index, entry) in entries.enumerated() {
            if index > 0 { put(",") }
            newLine(indent + 2)
            string(Self.key(of: entry, in: mapping))
            put(isCompact ? ":" : ": ")
            let node = entry.index.map { mapping.values[$0] } ?? Self.absent(entry.attribute)
            value(node, entry.shape, indent: indent + 2)
        }
        newLine(indent)
        put("}")
    }

    private mutating func value(_ node: Node, _ shape: Shape, indent: Int) {
        switch node.value {
        case .null: put("null")
        case .bool(let flag): put(flag ? "true" : "false")
        case .int(let number): put(String(number))
        case .float(let number): put(GoFloat.json(number))
        case .string(let text): string(text)
        case .map(let mapping):
            object(mapping, order.entries(mapping, of: shape), indent: indent)
        case .list(let items):
            guard !items.isEmpty else { return put("[]") }
            let element = shape.parts.element.shape
            put("[")
            for (index, item) in items.enumerated() {
                if index > 0 { put(",") }
                newLine(indent + 2)
                value(item, element, indent: indent + 2)
            }
            newLine(indent)
            put("]")
        }
    }

    private mutating func string(_ text: String) {
        // The compact form is what hashes are made of, which docker's tools compare.
        JSONString.append(text, to: &output, escapesHTML: true, escapesInvisible: !isCompact)
    }

    private mutating func newLine(_ indent: Int) {
        guard !isCompact else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
    }

    private mutating func put(_ text: String) { output += text.utf8 }
}
