import OrderedCollections

/// Replaces the variables in every value of a tree; keys stay as they are.
/// Positions are those of the values as written.
struct Interpolation {
    let environment: [String: String]

    func apply(to node: inout Node, _ report: inout Report) {
        switch node.value {
        case .string(let text):
            guard Template.isTemplate(text) else { return }
            node.value = .string(evaluate(text, at: node.mark, &report))
        case .list(var items):
            node.value = .null  // Gives up this reference, so that the list is changed in place.
            for index in items.indices where Self.matters(items[index]) {
                report.enter(index)
                apply(to: &items[index], &report)
                report.leave()
            }
            node.value = .list(items)
        case .map(var entries):
            node.value = .null
            for index in entries.keys.indices where Self.matters(entries.values[index]) {
                report.enter(entries.keys[index])
                apply(to: &entries.values[index], &report)
                report.leave()
            }
            node.value = .map(entries)
        case .null, .bool, .int, .float: return
        }
    }

    /// Something can be replaced in it.
    private static func matters(_ node: Node) -> Bool {
        if case .string(let text) = node.value { Template.isTemplate(text) } else { node.isTree }
    }

    private func evaluate(_ text: String, at mark: Mark, _ report: inout Report) -> String {
        if report.isOver { return "" }
        var missing: [String] = []
        let template = Template(
            lookup: { environment[$0] },
            unset: { missing.append($0) },
            limit: report.budget.textBytes
        )
        defer { for name in missing { report.unset(name, at: mark) } }
        do {
            let value = try template.evaluate(text)
            report.budget.textBytes -= value.utf8.count
            return value
        } catch {
            let place = report.isFull ? mark : report.sources.find(error.text, from: mark) ?? mark
            report.problem(error.message, at: place, hint: error.hint)
            return ""
        }
    }
}
