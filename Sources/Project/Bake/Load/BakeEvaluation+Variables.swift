extension BakeEvaluation {
    /// The blocks of variables; of two with one name the later.
    mutating func variableBlocks() -> [(String, HCLBody.Block)] {
        var all: [String: HCLBody.Block] = [:]
        for block in blocks where block.type == "variable" {
            collect("variable") { evaluation throws(BakeFault) in
                try Self.checkNames(block, ["default", "type", "description", "validation"])
                all[try evaluation.label(of: block)] = block
            }
        }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Puts the environment's values in place of defaults.
    mutating func overrideVariables(_ variables: [(String, HCLBody.Block)]) {
        // The defaults that say what type a value has must not be remembered with other defaults in them.
        // All of them are evaluated there once.
        var probe = scope
        for (name, block) in variables {
            collect("variable.\(name)") { evaluation throws(BakeFault) in
                let type = try BakeType(of: block, &probe)
                let environment = evaluation.surroundings.environment
                if let text = environment[name] {
                    let value = try type.value(of: text, named: name, block.place)
                    evaluation.scope.globals[name] = .known(value)
                } else if type.isWritten, let text = environment[name + "_JSON"] {
                    let value = try type.value(ofJSON: text, named: name, block.place)
                    evaluation.scope.globals[name] = .known(value)
                } else if type.isWritten, let given = block.body["default"] {
                    let value = try probe.value(of: given.value)
                    if let wrong = type.mismatch(value) {
                        throw BakeFault(given.value.place, "\(name): \(wrong)")
                    }
                }
            }
        }
    }

    mutating func variable(
        _ name: String,
        _ block: HCLBody.Block
    ) throws(BakeFault) -> BakeDefinition.Variable {
        let value = try scope.global(name, block.place)
        for validation in block.body.blocks {
            guard let condition = validation.body["condition"] else {
                throw BakeFault(validation.place, "a validation has a condition")
            }
            let isMet = try scope.bool(condition.value, [:], condition.place)
            guard !isMet else { continue }
            let message = try validation.body["error_message"].map { attribute throws(BakeFault) in
                try scope.value(of: attribute.value).text ?? ""
            }
            throw BakeFault(
                condition.value.place,
                "the value of \(name) is not valid\(message.map { ": \($0)" } ?? "")"
            )
        }
        if value.text == nil { try scope.chargeDocument(value, block.place) }
        return BakeDefinition.Variable(
            name: name,
            type: BakeType.written(block),
            value: value.text ?? BakeFunctions.compact(value.json),
            description: try block.body["description"].flatMap { attribute throws(BakeFault) in
                try scope.value(of: attribute.value).text
            } ?? ""
        )
    }
}
