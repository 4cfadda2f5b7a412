import OrderedCollections

/// Replaces the variables in every value of a tree; keys stay as they are.
/// Positions are those of the values as written.
struct Interpolation {
    let environment: [String: String]
    /// What counts where the environment says nothing.
    let builtins: [String: String]

    func apply(to node: inout Node, _ diagnostics: inout Diagnostics) {
        switch node.value {
        case .string(let text):
            guard VariableTemplate.isTemplate(text) else { return }
            node.value = .string(evaluate(text, at: node.mark, &diagnostics))
        case .list(var items):
            node.value = .null  // Gives up this reference, so that the list is changed in place.
            for index in items.indices where Self.matters(items[index]) {
                diagnostics.enter(index)
                apply(to: &items[index], &diagnostics)
                diagnostics.leave()
            }
            node.value = .list(items)
        case .map(var entries):
            node.value = .null
            for index in entries.keys.indices where Self.matters(entries.values[index]) {
                diagnostics.enter(entries.keys[index])
                apply(to: &entries.values[index], &diagnostics)
                diagnostics.leave()
            }
            node.value = .map(entries)
        case .null, .bool, .int, .float: return
        }
    }

    /// Something can be replaced in it.
    private static func matters(_ node: Node) -> Bool {
        if case .string(let text) = node.value {
            VariableTemplate.isTemplate(text)
        } else {
            node.isTree
        }
    }

    private func evaluate(_ text: String, at mark: Mark, _ diagnostics: inout Diagnostics) -> String
    {
        if diagnostics.isOver { return "" }
        var missing: [String] = []
        let template = VariableTemplate(
            lookup: { environment[$0] ?? builtins[$0] },
            unset: { missing.append($0) },
            limit: diagnostics.budget.textBytes
        )
        defer { for name in missing { diagnostics.unset(name, at: mark) } }
        do {
            let value = try template.evaluate(text)
            diagnostics.budget.textBytes -= value.utf8.count
            return value
        } catch {
            let place =
                diagnostics.isFull ? mark : diagnostics.sources.find(error.text, from: mark) ?? mark
            diagnostics.problem(error.message, at: place, hint: error.hint)
            return ""
        }
    }
}
