import OrderedCollections

/// Rules about limits and watched paths of a service.
extension Rules {
    /// The same limit said twice, once in the older form.
    func checkLimits(_ service: Node, _ report: inout Report) {
        guard let resources = service["deploy"]?["resources"] else { return }
        for (key, section, limit) in [
            ("cpus", "limits", "cpus"), ("mem_limit", "limits", "memory"),
            ("pids_limit", "limits", "pids"), ("mem_reservation", "reservations", "memory"),
        ] {
            guard let older = service[key], let newer = resources[section]?[limit],
                let left = Self.amount(older), let right = Self.amount(newer), left != right
            else { continue }
            let path = "deploy.resources.\(section).\(limit)"
            report.problem(
                "can't set distinct values on '\(key)' and '\(path)'",
                at: older.keyMark,
                hint: "keep one; \(path) is at "
                    + report.words(for: newer.keyMark, from: older.keyMark)
            )
        }
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
    func checkWatch(_ service: Node, _ report: inout Report) {
        for (index, rule) in (service["develop"]?["watch"]?.list ?? []).enumerated() {
            let place = "\(report.pathText).develop.watch[\(index)]"
            if let path = rule["path"], path.string?.isEmpty == true {
                report.problem("value can't be blank", at: path.mark, path: place + ".path")
            }
            guard let action = rule["action"], let word = action.string, word.hasPrefix("sync"),
                rule["target"]?.string?.isEmpty ?? true
            else { continue }
            report.problem(
                "\"\(word)\" needs a target",
                at: action.mark,
                hint: "add \"target\", the path in the container",
                path: place
            )
        }
    }
}
