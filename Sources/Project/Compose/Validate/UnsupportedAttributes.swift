import OrderedCollections

/// Finds what the engine does not carry out, so that nothing of a file is silently ignored.
struct UnsupportedAttributes {
    /// Checks every attribute against the table.
    func check(_ node: Node, as shape: Shape, _ diagnostics: inout Diagnostics) {
        if diagnostics.isOver { return }
        node.forEachPart(shape.parts, where: { !$0.isNull }, &diagnostics) {
            part,
            entry,
            diagnostics in
            guard let attribute = part.attribute else {
                return check(entry, as: part.shape, &diagnostics)
            }
            switch attribute.support {
            case .refused where !isHarmless(entry, attribute):
                diagnostics.problem("not supported yet", at: entry.keyMark)
            case .impossible(let reason, let remedy) where !isHarmless(entry, attribute):
                diagnostics.problem(
                    "cannot be carried out: \(reason)",
                    at: entry.keyMark,
                    hint: remedy
                )
            case .informational(let reason) where !isHarmless(entry, attribute):
                diagnostics.warning("changes nothing here: \(reason)", at: entry.keyMark)
            case .carriedOut, .refused, .impossible, .informational, .descriptive:
                check(entry, as: attribute.shape, &diagnostics)
            }
        }
    }

    /// Asks for nothing: `privileged: false`, `devices: []`.
    private func isHarmless(_ node: Node, _ attribute: Attribute) -> Bool {
        switch node.value {
        case .bool(let flag):
            !flag && !attribute.keepsEmpty || attribute.ordinary.contains("\(flag)")
        case .string(let text): attribute.ordinary.contains(text)
        case .list(let items): items.isEmpty
        case .map(let entries): entries.isEmpty && !attribute.shape.isFields
        default: false
        }
    }
}
