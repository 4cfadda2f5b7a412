import OrderedCollections

/// What can only be seen once everything is merged: keys that are missing, values left empty.
struct Completeness {
    func check(
        _ node: Node,
        as shape: Shape,
        isNullable: Bool = false,
        _ diagnostics: inout Diagnostics
    ) {
        if diagnostics.isOver { return }
        if node.isNull {
            if !isNullable, let wanted = wanted(shape) {
                diagnostics.problem("must be \(wanted), not empty", at: node.mark)
            }
            return
        }
        let parts = shape.parts
        if case .fields(let fields) = parts, case .map(let entries) = node.value {
            for key in fields.required where entries[key] == nil {
                diagnostics.problem("\"\(key)\" is missing", at: node.keyMark)
            }
            checkCommands(entries, fields, &diagnostics)
        }
        node.forEachPart(parts, where: Self.matters, &diagnostics) { part, node, diagnostics in
            check(node, as: part.shape, isNullable: part.isNullable, &diagnostics)
        }
    }

    /// A command may be empty where an image has one of its own, but not where it is all there is.
    private func checkCommands(
        _ entries: Node.Mapping,
        _ fields: Fields,
        _ diagnostics: inout Diagnostics
    ) {
        for key in fields.required {
            guard case .command? = fields[key]?.shape, let entry = entries[key], entry.isNull else {
                continue
            }
            diagnostics.enter(key)
            diagnostics.problem("must be a command, not empty", at: entry.mark)
            diagnostics.leave()
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
