import OrderedCollections

/// Finds what the engine does not carry out, so that nothing of a file is silently ignored.
struct Refusals {
    /// Checks every attribute against the table.
    func check(_ node: Node, as shape: Shape, _ report: inout Report) {
        if report.isOver { return }
        switch (shape, node.value) {
        case (.form(let form), _): check(node, as: form.long, &report)
        case (.fields(let fields), .map(let entries)):
            for (key, entry) in entries where !entry.isNull {
                guard let attribute = fields[key] else { continue }
                report.enter(key)
                switch attribute.support {
                case .refused where !isHarmless(entry, attribute):
                    report.problem("not supported yet", at: entry.keyMark)
                case .informational where key == "links" && entries["network_mode"] != nil: break
                case .informational(let reason) where !isHarmless(entry, attribute):
                    report.warning("changes nothing here: \(reason)", at: entry.keyMark)
                case .carriedOut, .refused, .informational, .descriptive:
                    check(entry, as: attribute.shape, &report)
                }
                report.leave()
            }
        case (.named(let shape, _), .map(let entries)):
            for (key, entry) in entries {
                report.enter(key)
                check(entry, as: shape, &report)
                report.leave()
            }
        case (.list(let element), .list(let items)):
            for (index, item) in items.enumerated() {
                report.enter(index)
                check(item, as: element, &report)
                report.leave()
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
