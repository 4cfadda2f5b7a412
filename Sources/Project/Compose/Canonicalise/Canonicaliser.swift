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
        case .list, .fields, .dictionary: canonicaliseParts(of: &node, shape.parts, &diagnostics)
        case .named:
            if hasNames(node, &diagnostics) {
                canonicaliseParts(of: &node, shape.parts, &diagnostics)
            }
        case .strings:
            // The one that the reference leaves short.
            if isLenient, diagnostics.key == "tmpfs", node.isString { return }
            switch node.string {
            case nil: canonicaliseParts(of: &node, .elements(.init(.string)), &diagnostics)
            default: node.value = .list([node])
            }
            // The reference leaves out empty names of servers, and of nothing else.
            if diagnostics.key == "dns", case .list(let items) = node.value {
                node.value = .list(items.filter { $0.string?.isEmpty != true })
            }
        case .command: canonicaliseCommand(&node, &diagnostics)
        case .healthcheckTest: canonicaliseTest(&node, &diagnostics)
        case .pairs(let nullsStay): canonicalisePairs(&node, nullsStay: nullsStay, &diagnostics)
        case .form(let form): node = long(node, form, &diagnostics)
        }
    }

    /// A text with a variable in it, of which nothing is known yet.
    func isOpen(_ node: Node) -> Bool {
        isLenient && node.string?.utf8.contains(UInt8(ascii: "$")) == true
    }

    /// A mapping with fixed keys: unknown ones are reported with the nearest known one.
    func mapping(_ node: Node, _ fields: Fields, _ diagnostics: inout Diagnostics) -> Node {
        canonical(node, .fields(fields), &diagnostics)
    }

    /// A mapping from names that become names of records: the long form of an attribute.
    func named(_ node: Node, _ form: Form, _ diagnostics: inout Diagnostics) -> Node {
        hasNames(node, &diagnostics) ? canonical(node, form.long.parts, &diagnostics) : node
    }

    func list(_ node: Node, of element: Shape, _ diagnostics: inout Diagnostics) -> Node {
        canonical(node, .elements(.init(element)), &diagnostics)
    }

    private func canonical(
        _ node: Node,
        _ parts: Shape.Parts,
        _ diagnostics: inout Diagnostics
    ) -> Node {
        var result = node
        canonicaliseParts(of: &result, parts, &diagnostics)
        return result
    }

    /// Brings the parts of a mapping or list into their canonical form where they are.
    func canonicaliseParts(
        of node: inout Node,
        _ parts: Shape.Parts,
        _ diagnostics: inout Diagnostics
    ) {
        switch (parts, node.value) {
        case (.elements, .list): canonicaliseElements(of: &node, parts, &diagnostics)
        case (.elements, _): node = mismatch(node, "a list", &diagnostics)
        case (.fields, .map), (.entries, .map):
            node.updateEachPart(parts, &diagnostics) { part, entry, diagnostics in
                if part.isKnown {
                    canonicalise(&entry, as: part.shape, &diagnostics)
                } else {
                    checkExtension(part.key ?? "", entry, among: parts, &diagnostics)
                }
            }
        default: node = mismatch(node, "a mapping", &diagnostics)
        }
    }

    /// A key that the table does not have begins with `x-`.
    private func checkExtension(
        _ key: String,
        _ entry: Node,
        among parts: Shape.Parts,
        _ diagnostics: inout Diagnostics
    ) {
        guard !key.hasPrefix("x-"), case .fields(let fields) = parts else { return }
        diagnostics.problem(
            "unknown key \"\(key)\"",
            at: entry.keyMark,
            hint: diagnostics.isFull ? nil : KeyHint.hint(for: key, entry, among: fields)
        )
    }

    /// A tag on an element stays; an empty element is reported and goes.
    private func canonicaliseElements(
        of node: inout Node,
        _ parts: Shape.Parts,
        _ diagnostics: inout Diagnostics
    ) {
        var hasEmpty = false
        node.updateEachPart(parts, &diagnostics) { part, item, diagnostics in
            guard !item.isNull else {
                hasEmpty = true
                return diagnostics.problem("an element must not be empty", at: item.mark)
            }
            let tag = item.tag
            item.tag = .none
            canonicalise(&item, as: part.shape, &diagnostics)
            item.tag = tag
        }
        guard hasEmpty, let items = node.list else { return }
        node.value = .list(items.filter { !$0.isNull })
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
