import OrderedCollections

/// Brings a document into the canonical form: every short form becomes its long one, every scalar
/// its type. It runs on each document before documents are joined, so that only equals are merged;
/// what no form fits is a problem at its place, all of them in one go.
struct Canonicaliser {
    /// What relative paths of the document are meant against.
    let base: PathBase
    /// `--no-interpolate`: text with a variable in it is not taken apart.
    let isLenient: Bool

    /// The canonical form of a node; the node itself where it has none, which is then reported.
    func canonical(_ node: Node, as shape: Shape, _ report: inout Report) -> Node {
        if node.tag == .reset { return node.with(.null) }
        // An empty value says "as before"; whether it may stay empty is seen after the merge.
        if node.isNull { return node }
        if isLenient, let text = node.string, text.utf8.contains(UInt8(ascii: "$")) { return node }
        return switch shape {
        case .string, .text, .boolean, .integer, .number, .word, .bytes, .duration, .fileMode,
            .path:
            scalar(node, as: shape, &report)
        case .anything: node
        case .list(let element): list(node, of: element, &report)
        case .strings:
            switch node.string {
            case nil: list(node, of: .string, &report)
            case "": node.with(.list([]))
            default: node.with(.list([node]))
            }
        case .command: command(node, &report)
        case .healthcheckTest: healthcheckTest(node, &report)
        case .pairs(let nullsStay): pairs(node, nullsStay: nullsStay, &report)
        case .fields(let fields): mapping(node, fields, &report)
        case .named(let entry, _): named(node, entry, &report)
        case .dictionary(let entry): dictionary(node, entry, &report)
        case .form(let form): long(node, form, &report)
        }
    }

    /// A mapping with fixed keys: unknown ones are reported with the nearest known one.
    func mapping(_ node: Node, _ fields: Fields, _ report: inout Report) -> Node {
        guard case .map(var entries) = node.value else {
            return mismatch(node, "a mapping", &report)
        }
        for index in entries.keys.indices {
            let key = entries.keys[index]
            guard let attribute = fields[key] else {
                if !key.hasPrefix("x-") {
                    report.problem(
                        "unknown key \"\(key)\"",
                        at: entries.values[index].keyMark,
                        hint: KeyHint.hint(for: key, entries.values[index], among: fields)
                    )
                }
                continue
            }
            report.enter(key)
            entries.values[index] = canonical(entries.values[index], as: attribute.shape, &report)
            report.leave()
        }
        return node.with(.map(entries))
    }

    /// A mapping from names that become names of records.
    func named(_ node: Node, _ entry: Shape, _ report: inout Report) -> Node {
        if let key = node.map?.keys.first(where: { !Self.isName($0) }), let value = node[key] {
            report.problem(
                "\"\(key)\" is not a name",
                at: value.keyMark,
                hint: "use letters, digits, \".\", \"_\" and \"-\""
            )
            return node
        }
        return dictionary(node, entry, &report)
    }

    func dictionary(_ node: Node, _ entry: Shape, _ report: inout Report) -> Node {
        guard case .map(var entries) = node.value else {
            return mismatch(node, "a mapping", &report)
        }
        for index in entries.keys.indices {
            report.enter(entries.keys[index])
            entries.values[index] = canonical(entries.values[index], as: entry, &report)
            report.leave()
        }
        return node.with(.map(entries))
    }

    func list(_ node: Node, of element: Shape, _ report: inout Report) -> Node {
        items(node, &report) { item, report in [canonical(item, as: element, &report)] }
    }

    /// A list each of whose elements becomes any number of elements. A tag on an element stays.
    func items(
        _ node: Node,
        _ report: inout Report,
        _ convert: (Node, inout Report) -> [Node]
    ) -> Node {
        guard let items = node.list else {
            let hint = node.string.flatMap { text in
                text.isEmpty || text.utf8.count > 40 || text.contains("\n") || text.contains("\"")
                    ? nil : "write [\"\(text)\"]"
            }
            return mismatch(node, "a list", &report, hint: hint)
        }
        var result: [Node] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            report.enter(index)
            defer { report.leave() }
            var plain = item
            plain.tag = .none
            if plain.isNull {
                report.problem("an element must not be empty", at: item.mark)
                continue
            }
            for var converted in convert(plain, &report) {
                converted.tag = item.tag
                result.append(converted)
            }
        }
        return node.with(.list(result))
    }

    /// Reports a value of the wrong kind and gives it back.
    func mismatch(
        _ node: Node,
        _ expected: String,
        _ report: inout Report,
        hint: String? = nil
    ) -> Node {
        report.problem("must be \(expected), not \(node.kindInWords)", at: node.mark, hint: hint)
        return node
    }

    /// compose-spec: names match `^[a-zA-Z0-9._-]+$`.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
