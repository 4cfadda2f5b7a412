/// Limits that no machine can give, by docker's rules for them.
extension UnsupportedValues {
    func checkMemory(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let resources = service["deploy"]?["resources"]
        let limit = Self.first(
            (resources?["limits"]?["memory"], "deploy.resources.limits.memory"),
            (service["mem_limit"], "mem_limit")
        )
        let reservation = Self.first(
            (resources?["reservations"]?["memory"], "deploy.resources.reservations.memory"),
            (service["mem_reservation"], "mem_reservation")
        )
        for value in [limit, reservation].compactMap(\.self) where value.bytes < 6 << 20 {
            let hasUnit = diagnostics.sources.word(at: value.node.mark) != "\(value.bytes)"
            diagnostics.problem(
                "\(value.bytes) bytes are less than the 6 MiB that a container needs",
                at: value.node.mark,
                hint: hasUnit || value.bytes < 0 ? "6m, or more" : "write \(value.bytes)m for MiB",
                path: "\(path).\(value.key)"
            )
        }
        if let limit, let reservation, reservation.bytes > limit.bytes {
            diagnostics.problem(
                "more memory is reserved than the limit allows",
                at: reservation.node.mark,
                hint: "the limit is at "
                    + diagnostics.words(for: limit.node.mark, from: reservation.node.mark),
                path: "\(path).\(reservation.key)"
            )
        }
        checkSwap(service, limit?.bytes, path, &diagnostics)
        if service["oom_kill_disable"]?.bool == true, limit == nil,
            let node = service["oom_kill_disable"]
        {
            diagnostics.warning(
                "without a memory limit the whole machine can run out of memory",
                at: node.mark,
                hint: "set mem_limit",
                path: "\(path).oom_kill_disable"
            )
        }
    }

    private func checkSwap(
        _ service: Node,
        _ limit: Int64?,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        if let node = service["memswap_limit"], let both = Self.bytes(node), both > 0 {
            let place = "\(path).memswap_limit"
            if let limit, both < limit {
                diagnostics.problem(
                    "memory and swap together are less than the memory limit",
                    at: node.mark,
                    hint: "as much as mem_limit allows no swap, -1 any",
                    path: place
                )
            } else if limit == nil {
                let hint = "set mem_limit"
                diagnostics.problem(
                    "a limit of memory and swap needs one of memory",
                    at: node.mark,
                    hint: hint,
                    path: place
                )
            }
        }
        if let node = service["mem_swappiness"], let value = Self.bytes(node),
            !(-1...100).contains(value)
        {
            diagnostics.problem(
                "\(value) is not a swappiness",
                at: node.mark,
                hint: "0 to 100",
                path: "\(path).mem_swappiness"
            )
        }
    }

    private typealias Amount = (node: Node, key: String, bytes: Int64)

    /// The first that says a number; 0 says none.
    private static func first(_ candidates: (node: Node?, key: String)...) -> Amount? {
        for (node, key) in candidates {
            if let node, let bytes = bytes(node), bytes != 0 { return (node, key, bytes) }
        }
        return nil
    }

    private static func bytes(_ node: Node) -> Int64? {
        node.int ?? node.string.flatMap { Int64($0) }
    }

    func checkProcessors(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let resource = service["deploy"]?["resources"]?["limits"]?["cpus"]
        let hasCount = [service["cpus"], resource].contains { node in
            switch node?.value {
            case .int(let count): count != 0
            case .float(let count): count != 0
            default: false
            }
        }
        let rules: [(key: String, least: Int64, most: Int64, hint: String)] = [
            ("cpu_period", 1000, 1_000_000, "1000 to 1000000 microseconds"),
            ("cpu_quota", 1000, .max, "1000 microseconds or more; -1 is no limit"),
            ("cpu_shares", 0, .max, "2 to 262144; 1024 is what others have"),
        ]
        for (key, least, most, hint) in rules {
            guard let node = service[key], let value = node.int, value != 0 else { continue }
            let isNoLimit = key == "cpu_quota" && value < 0
            if !isNoLimit, !(least...most).contains(value) {
                diagnostics.problem(
                    "\(value) is not possible",
                    at: node.mark,
                    hint: hint,
                    path: "\(path).\(key)"
                )
            }
            if hasCount, key != "cpu_shares" {
                diagnostics.problem(
                    "cpus and \(key) exclude each other",
                    at: node.keyMark,
                    hint: "cpus is a quota of a period of 100000 microseconds: keep one of the two",
                    path: "\(path).\(key)"
                )
            }
        }
        checkBlockIO(service["blkio_config"], path + ".blkio_config", &diagnostics)
    }

    private func checkBlockIO(_ config: Node?, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let config else { return }
        let devices = config["weight_device"]?.list ?? []
        for weight in [config["weight"]] + devices.map({ $0["weight"] }) {
            guard let weight, let value = weight.int, value != 0, !(10...1000).contains(value)
            else {
                continue
            }
            diagnostics.problem(
                "\(value) is not a weight",
                at: weight.mark,
                hint: "10 to 1000",
                path: path
            )
        }
    }
}
