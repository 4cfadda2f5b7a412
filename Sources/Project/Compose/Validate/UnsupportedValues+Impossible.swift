import OrderedCollections

/// Values that no container can be given, and that docker refuses, too.
extension UnsupportedValues {
    func checkImpossible(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        checkNegative(service["cpus"], "\(path).cpus", hint: "0.5", &diagnostics)
        checkNegative(
            service["deploy"]?["resources"]?["limits"]?["cpus"],
            "\(path).deploy.resources.limits.cpus",
            hint: "\"0.5\"",
            &diagnostics
        )
        checkNegative(service["shm_size"], "\(path).shm_size", hint: "64m", &diagnostics)
        for (name, limit) in service["ulimits"]?.map ?? [:] {
            let place = "\(path).ulimits.\(name)"
            for value in [limit, limit["soft"], limit["hard"]].compactMap(\.self) {
                guard let number = value.int, number < -1 else { continue }
                diagnostics.problem(
                    "\(number) is not a limit",
                    at: value.mark,
                    hint: "0 or more; -1 is none",
                    path: place
                )
            }
        }
        checkWorkingDirectory(service["working_dir"], path + ".working_dir", &diagnostics)
        for (name, value) in service["environment"]?.map ?? [:] where name.isEmpty {
            diagnostics.problem(
                "a variable has no name",
                at: value.keyMark,
                hint: "NAME=value",
                path: path + ".environment"
            )
        }
    }

    private func checkNegative(
        _ node: Node?,
        _ path: String,
        hint: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let node, let number = Self.number(node), number < 0 else { return }
        diagnostics.problem("must not be negative", at: node.mark, hint: hint, path: path)
    }

    private static func number(_ node: Node) -> Double? {
        switch node.value {
        case .int(let number): Double(number)
        case .float(let number): number
        case .string(let text): Double(text)
        default: nil
        }
    }

    /// docker's rule; a variable without a value leaves the image's.
    private func checkWorkingDirectory(
        _ node: Node?,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let node, let text = node.string, !text.isEmpty, !text.hasPrefix("/") else { return }
        diagnostics.problem(
            "\"\(text)\" is not an absolute path in the container",
            at: node.mark,
            hint: "/\(text)",
            path: path
        )
    }
}
