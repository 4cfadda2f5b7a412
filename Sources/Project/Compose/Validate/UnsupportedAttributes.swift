import OrderedCollections

/// Finds what the engine does not carry out, so that nothing of a file is silently ignored.
struct UnsupportedAttributes {
    /// Checks every attribute against the table.
    func check(_ node: Node, as shape: Shape, _ diagnostics: inout Diagnostics) {
        if diagnostics.isOver { return }
        switch (shape, node.value) {
        case (.form(let form), _): check(node, as: form.long, &diagnostics)
        case (.fields(let fields), .map(let entries)):
            for (key, entry) in entries where !entry.isNull {
                guard let attribute = fields[key] else { continue }
                diagnostics.enter(key)
                switch attribute.support {
                case .refused where !isHarmless(entry, attribute):
                    diagnostics.problem("not supported yet", at: entry.keyMark)
                case .informational where key == "links" && entries["network_mode"] != nil: break
                case .informational(let reason) where !isHarmless(entry, attribute):
                    diagnostics.warning("changes nothing here: \(reason)", at: entry.keyMark)
                case .carriedOut, .refused, .informational, .descriptive:
                    check(entry, as: attribute.shape, &diagnostics)
                }
                diagnostics.leave()
            }
        case (.named(let shape, _), .map(let entries)):
            for (key, entry) in entries {
                diagnostics.enter(key)
                check(entry, as: shape, &diagnostics)
                diagnostics.leave()
            }
        case (.list(let element), .list(let items)):
            for (index, item) in items.enumerated() {
                diagnostics.enter(index)
                check(item, as: element, &diagnostics)
                diagnostics.leave()
            }
        default: return
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
