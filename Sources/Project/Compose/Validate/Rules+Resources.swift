import OrderedCollections

/// Rules about limits and watched paths of a service.
extension Rules {
    /// The same limit said twice, once in the older form.
    func checkLimits(_ service: Node, _ diagnostics: inout Diagnostics) {
        guard let resources = service["deploy"]?["resources"] else { return }
        for (key, section, limit) in [
            ("cpus", "limits", "cpus"), ("mem_limit", "limits", "memory"),
            ("pids_limit", "limits", "pids"), ("mem_reservation", "reservations", "memory"),
        ] {
            guard let older = service[key], let left = Self.amount(older) else { continue }
            let path = "deploy.resources.\(section).\(limit)"
            guard let newer = resources[section]?[limit] else {
                warn(of: older, key, left, beside: resources[section], path, &diagnostics)
                continue
            }
            guard let right = Self.amount(newer), left != right else { continue }
            diagnostics.problem(
                "can't set distinct values on '\(key)' and '\(path)'",
                at: older.keyMark,
                hint: "keep one; \(path) is at "
                    + diagnostics.words(for: newer.keyMark, from: older.keyMark)
            )
        }
    }

    /// The reference compares the limit with one that is not there.
    private func warn(
        of older: Node,
        _ key: String,
        _ amount: Double,
        beside section: Node?,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard amount != 0, let section, section.map != nil else { return }
        diagnostics.warning(
            "docker compose refuses '\(key)' beside limits without '\(path)'",
            at: older.keyMark,
            hint: "move it to \(path), at "
                + diagnostics.words(for: section.keyMark, from: older.keyMark)
        )
    }

    private static func amount(_ node: Node) -> Double? {
        switch node.value {
        case .int(let number): Double(number)
        case .float(let number): number
        case .string(let text): Double(text)
        default: nil
        }
    }

    /// A path to watch must be one, and what is copied needs a place to go.
    func checkWatch(_ service: Node, _ diagnostics: inout Diagnostics) {
        for (index, rule) in (service["develop"]?["watch"]?.list ?? []).enumerated() {
            let place = "\(diagnostics.pathText).develop.watch[\(index)]"
            if let path = rule["path"], path.string?.isEmpty == true {
                diagnostics.problem("value can't be blank", at: path.mark, path: place + ".path")
            }
            guard let action = rule["action"], let word = action.string, word.hasPrefix("sync"),
                rule["target"]?.string?.isEmpty ?? true
            else { continue }
            diagnostics.problem(
                "\"\(word)\" needs a target",
                at: action.mark,
                hint: "add \"target\", the path in the container",
                path: place
            )
        }
    }
}
