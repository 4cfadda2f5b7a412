import OrderedCollections

/// What can only be seen once everything is merged: keys that are missing, values left empty.
struct Completeness {
    func check(_ node: Node, as shape: Shape, isNullable: Bool = false, _ report: inout Report) {
        if report.isOver { return }
        if node.isNull {
            if !isNullable, let wanted = wanted(shape) {
                report.problem("must be \(wanted), not empty", at: node.mark)
            }
            return
        }
        switch (shape, node.value) {
        case (.form(let form), _): check(node, as: form.long, isNullable: isNullable, &report)
        case (.fields(let fields), .map(let entries)):
            for key in fields.required where entries[key] == nil {
                report.problem("\"\(key)\" is missing", at: node.keyMark)
            }
            checkCommands(entries, fields, &report)
            for index in entries.keys.indices where Self.matters(entries.values[index]) {
                guard let attribute = fields[entries.keys[index]] else { continue }
                report.enter(attribute.key)
                check(entries.values[index], as: attribute.shape, &report)
                report.leave()
            }
        case (.named(let shape, let isNullable), .map(let entries)):
            for index in entries.keys.indices where Self.matters(entries.values[index]) {
                report.enter(entries.keys[index])
                check(entries.values[index], as: shape, isNullable: isNullable, &report)
                report.leave()
            }
        case (.dictionary(let shape), .map(let entries)):
            for index in entries.keys.indices where Self.matters(entries.values[index]) {
                report.enter(entries.keys[index])
                check(entries.values[index], as: shape, &report)
                report.leave()
            }
        case (.list(let element), .list(let items)):
            for index in items.indices where Self.matters(items[index]) {
                report.enter(index)
                check(items[index], as: element, &report)
                report.leave()
            }
        default: return
        }
    }

    /// A command may be empty where an image has one of its own, but not where it is all there is.
    private func checkCommands(
        _ entries: Node.Mapping,
        _ fields: Fields,
        _ report: inout Report
    ) {
        for key in fields.required {
            guard case .command? = fields[key]?.shape, let entry = entries[key], entry.isNull else {
                continue
            }
            report.enter(key)
            report.problem("must be a command, not empty", at: entry.mark)
            report.leave()
        }
    }

    /// Something can be missing in it: a scalar that is there is complete.
    private static func matters(_ node: Node) -> Bool { node.isTree || node.isNull }

    /// What a value must be instead of empty; nil where empty is a value.
    private func wanted(_ shape: Shape) -> String? {
        switch shape {
        case .anything, .command: nil
        case .string, .path, .word, .duration, .healthcheckTest: "a string"
        case .text: "a string or a number"
        case .boolean: "true or false"
        case .integer, .number, .bytes, .wholeBytes, .fileMode, .modeNumber: "a number"
        case .list, .strings: "a list"
        case .fields, .named, .dictionary: "a mapping"
        case .pairs: "a mapping or a list"
        case .form(let form): wanted(form.long)
        }
    }
}
