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
    func canonical(_ node: Node, as shape: Shape, _ diagnostics: inout Diagnostics) -> Node {
        var result = node
        canonicalise(&result, as: shape, &diagnostics)
        return result
    }

    /// Brings a node into its canonical form where it is: what holds most of a file, mappings and
    /// lists, is changed in place and never copied.
    func canonicalise(_ node: inout Node, as shape: Shape, _ diagnostics: inout Diagnostics) {
        if diagnostics.isOver { return }
        if node.tag == .reset { return node.value = .null }
        // An empty value says "as before"; whether it may stay empty is seen after the merge.
        if node.isNull { return }
        if isOpen(node), !shape.takesOpenText { return }
        switch shape {
        case .string, .text:
            if !node.isString { node = scalar(node, as: shape, &diagnostics) }
        case .boolean, .integer, .number, .word, .bytes, .wholeBytes, .duration, .fileMode,
            .modeNumber, .path:
            let long = scalar(node, as: shape, &diagnostics)
            if !(isLenient && shape.staysShort) { node = long }
        case .anything: return
        case .list(let element): canonicaliseItems(of: &node, as: element, &diagnostics)
        case .strings:
            // The one that the reference leaves short.
            if isLenient, diagnostics.key == "tmpfs", node.isString { return }
            switch node.string {
            case nil: canonicaliseItems(of: &node, as: .string, &diagnostics)
            default: node.value = .list([node])
            }
            // The reference leaves out empty names of servers, and of nothing else.
            if diagnostics.key == "dns", case .list(let items) = node.value {
                node.value = .list(items.filter { $0.string?.isEmpty != true })
            }
        case .command: canonicaliseCommand(&node, &diagnostics)
        case .healthcheckTest: canonicaliseTest(&node, &diagnostics)
        case .pairs(let nullsStay): canonicalisePairs(&node, nullsStay: nullsStay, &diagnostics)
        case .fields(let fields): canonicaliseFields(of: &node, fields, &diagnostics)
        case .named(let entry, _):
            if hasNames(node, &diagnostics) {
                canonicaliseEntries(of: &node, as: entry, &diagnostics)
            }
        case .dictionary(let entry): canonicaliseEntries(of: &node, as: entry, &diagnostics)
        case .form(let form): node = long(node, form, &diagnostics)
        }
    }

    /// A text with a variable in it, of which nothing is known yet.
    func isOpen(_ node: Node) -> Bool {
        isLenient && node.string?.utf8.contains(UInt8(ascii: "$")) == true
    }

    /// A mapping with fixed keys: unknown ones are reported with the nearest known one.
    func mapping(_ node: Node, _ fields: Fields, _ diagnostics: inout Diagnostics) -> Node {
        var result = node
        canonicaliseFields(of: &result, fields, &diagnostics)
        return result
    }

    private func canonicaliseFields(
        of node: inout Node,
        _ fields: Fields,
        _ diagnostics: inout Diagnostics
    ) {
        guard case .map(var entries) = node.value else {
            node = mismatch(node, "a mapping", &diagnostics)
            return
        }
        node.value = .null  // Gives up this reference, so that the entries are changed in place.
        for index in entries.keys.indices {
            let key = entries.keys[index]
            guard let attribute = fields[key] else {
                if diagnostics.isOver { break }
                if !key.hasPrefix("x-") {
                    diagnostics.problem(
                        "unknown key \"\(key)\"",
                        at: entries.values[index].keyMark,
                        hint: diagnostics.isFull
                            ? nil : KeyHint.hint(for: key, entries.values[index], among: fields)
                    )
                }
                continue
            }
            diagnostics.enter(key)
            canonicalise(&entries.values[index], as: attribute.shape, &diagnostics)
            diagnostics.leave()
        }
        node.value = .map(entries)
    }

    /// A mapping from names that become names of records.
    func named(_ node: Node, _ entry: Shape, _ diagnostics: inout Diagnostics) -> Node {
        hasNames(node, &diagnostics) ? dictionary(node, entry, &diagnostics) : node
    }

    private func hasNames(_ node: Node, _ diagnostics: inout Diagnostics) -> Bool {
        guard let key = node.map?.keys.first(where: { !Self.isName($0) }), let value = node[key]
        else { return true }
        diagnostics.problem(
            "\"\(key)\" is not a name",
            at: value.keyMark,
            hint: "use letters, digits, \".\", \"_\" and \"-\""
        )
        return false
    }

    func dictionary(_ node: Node, _ entry: Shape, _ diagnostics: inout Diagnostics) -> Node {
        var result = node
        canonicaliseEntries(of: &result, as: entry, &diagnostics)
        return result
    }

    private func canonicaliseEntries(
        of node: inout Node,
        as entry: Shape,
        _ diagnostics: inout Diagnostics
    ) {
        guard case .map(var entries) = node.value else {
            node = mismatch(node, "a mapping", &diagnostics)
            return
        }
        node.value = .null
        for index in entries.keys.indices {
            diagnostics.enter(entries.keys[index])
            canonicalise(&entries.values[index], as: entry, &diagnostics)
            diagnostics.leave()
        }
        node.value = .map(entries)
    }

    func list(_ node: Node, of element: Shape, _ diagnostics: inout Diagnostics) -> Node {
        var result = node
        canonicaliseItems(of: &result, as: element, &diagnostics)
        return result
    }

    /// A tag on an element stays; an empty element is reported and goes.
    func canonicaliseItems(
        of node: inout Node,
        as element: Shape,
        _ diagnostics: inout Diagnostics
    ) {
        guard case .list(var items) = node.value else {
            node = mismatch(node, "a list", &diagnostics)
            return
        }
        node.value = .null
        var hasEmpty = false
        for index in items.indices {
            diagnostics.enter(index)
            if items[index].isNull {
                if diagnostics.isOver { break }
                hasEmpty = true
                diagnostics.problem("an element must not be empty", at: items[index].mark)
            } else {
                let tag = items[index].tag
                items[index].tag = .none
                canonicalise(&items[index], as: element, &diagnostics)
                items[index].tag = tag
            }
            diagnostics.leave()
        }
        if hasEmpty { items.removeAll(where: \.isNull) }
        node.value = .list(items)
    }

    /// A list each of whose elements becomes any number of elements. A tag on an element stays.
    func items(
        _ node: Node,
        _ diagnostics: inout Diagnostics,
        _ convert: (Node, inout Diagnostics) -> [Node]
    ) -> Node {
        guard let items = node.list else {
            let hint = node.string.flatMap { text in
                text.isEmpty || text.utf8.count > 40 || text.contains("\n") || text.contains("\"")
                    ? nil : "write [\"\(text)\"]"
            }
            return mismatch(node, "a list", &diagnostics, hint: hint)
        }
        var result: [Node] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            if diagnostics.isOver { break }
            diagnostics.enter(index)
            defer { diagnostics.leave() }
            var plain = item
            plain.tag = .none
            if plain.isNull {
                diagnostics.problem("an element must not be empty", at: item.mark)
                continue
            }
            for var converted in convert(plain, &diagnostics) {
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
        _ diagnostics: inout Diagnostics,
        hint: String? = nil
    ) -> Node {
        diagnostics.problem(
            "must be \(expected), not \(node.kindInWords)",
            at: node.mark,
            hint: hint
        )
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

extension Shape {
    /// `--no-interpolate`: a text with a variable in it still takes its long form.
    fileprivate var takesOpenText: Bool {
        switch self {
        case .strings, .path, .form(.build), .form(.buildContext), .form(.envFiles),
            .form(.labelFiles):
            true
        default: false
        }
    }

    /// `--no-interpolate`: the short form is shown, once it has been checked.
    fileprivate var staysShort: Bool {
        switch self {
        case .bytes, .wholeBytes, .duration: true
        default: false
        }
    }
}
