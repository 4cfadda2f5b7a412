import OrderedCollections

/// Rules about single elements that no shape can say.
struct Rules {
    /// `--no-interpolate`: of a text with a variable in it nothing is known.
    var isLenient = false

    func check(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, service) in root["services"]?.map ?? [:] {
            inside("services", name, &diagnostics) { check(service: service, &$0) }
        }
        for section in ["networks", "volumes"] {
            for (name, resource) in root[section]?.map ?? [:] {
                inside(section, name, &diagnostics) {
                    // The reference takes this for a mistake in a volume, but not in a network.
                    checkExternal(resource, isError: section == "volumes", &$0)
                }
            }
        }
        for (section, sources) in [
            ("secrets", ["file", "environment"]), ("configs", ["file", "environment", "content"]),
        ] {
            for (name, resource) in root[section]?.map ?? [:] {
                inside(section, name, &diagnostics) { checkSource(resource, sources, &$0) }
            }
        }
    }

    /// The text of a node, unless a variable in it leaves it open.
    func known(_ node: Node) -> String? {
        node.string.flatMap { isLenient && $0.utf8.contains(UInt8(ascii: "$")) ? nil : $0 }
    }

    private func inside(
        _ section: String,
        _ name: String,
        _ diagnostics: inout Diagnostics,
        _ body: (inout Diagnostics) -> Void
    ) {
        if diagnostics.isOver { return }
        diagnostics.enter(section)
        diagnostics.enter(name)
        body(&diagnostics)
        diagnostics.leave()
        diagnostics.leave()
    }

    private func check(service: Node, _ diagnostics: inout Diagnostics) {
        if let build = service["build"], let inline = build["dockerfile_inline"],
            let file = build["dockerfile"], file.mark != build.mark
        {
            diagnostics.problem(
                "dockerfile and dockerfile_inline exclude each other",
                at: inline.keyMark,
                hint: "the other one is at "
                    + diagnostics.words(for: file.keyMark, from: inline.keyMark),
                path: diagnostics.pathText + ".build"
            )
        }
        if let name = service["container_name"], let text = known(name) {
            if !Self.isContainerName(text) {
                diagnostics.problem(
                    "\"\(text)\" is not a container name",
                    at: name.mark,
                    hint: "a letter or digit, then letters, digits, \"_\", \".\" or \"-\"",
                    path: diagnostics.pathText + ".container_name"
                )
            }
            let scale = service["scale"] ?? service["deploy"]?["replicas"]
            if let scale, let count = scale.int, count > 1 {
                diagnostics.problem(
                    "container_name allows one container, "
                        + "\(service["scale"] == nil ? "replicas" : "scale") wants \(count)",
                    at: scale.keyMark,
                    hint: "remove container_name, at "
                        + diagnostics.words(for: name.keyMark, from: scale.keyMark)
                )
            }
        }
        if let condition = service["deploy"]?["restart_policy"]?["condition"],
            let text = known(condition), !Self.restartConditions.contains(text)
        {
            diagnostics.problem(
                "unknown restart condition \"\(text)\"",
                at: condition.mark,
                hint: suggestion(for: text, among: ["none", "on-failure", "any"])
                    ?? "none, on-failure or any",
                path: diagnostics.pathText + ".deploy.restart_policy.condition"
            )
        }
        checkReplicas(service, &diagnostics)
        checkLimits(service, &diagnostics)
        checkWatch(service, &diagnostics)
        checkDevices(service, &diagnostics)
        checkMounts(service, &diagnostics)
    }

    private func checkReplicas(_ service: Node, _ diagnostics: inout Diagnostics) {
        for scale in [service["scale"], service["deploy"]?["replicas"]] {
            guard let scale, let count = scale.int, count > Service.maximumScale else { continue }
            diagnostics.problem(
                "a service can have \(Service.maximumScale) containers, not \(count)",
                at: scale.mark,
                hint: "a network of Linux connects no more than that",
                path: diagnostics.pathText + (scale.mark == service["scale"]?.mark ? ".scale" : "")
            )
        }
        guard let scale = service["scale"], let replicas = service["deploy"]?["replicas"],
            scale.int != replicas.int
        else { return }
        diagnostics.problem(
            "can't set distinct values on 'scale' and 'deploy.replicas'",
            at: scale.keyMark,
            hint: "deploy.replicas is at "
                + diagnostics.words(for: replicas.keyMark, from: scale.keyMark)
        )
    }

    private func checkDevices(_ service: Node, _ diagnostics: inout Diagnostics) {
        let reserved = service["deploy"]?["resources"]?["reservations"]?["devices"]?.list ?? []
        for device in (service["gpus"]?.list ?? []) + reserved {
            guard device["count"] != nil, let ids = device["device_ids"] else { continue }
            diagnostics.problem(
                "\"count\" and \"device_ids\" are exclusive",
                at: ids.keyMark,
                hint: "keep one"
            )
        }
    }

    /// A `tmpfs` and a volume cannot be at one place.
    private func checkMounts(_ service: Node, _ diagnostics: inout Diagnostics) {
        guard let items = service["tmpfs"]?.list, !items.isEmpty else { return }
        var targets: [String: Mark] = [:]
        for mount in service["volumes"]?.list ?? [] {
            if let target = mount["target"]?.string { targets[target] = mount.mark }
        }
        for item in items {
            let target = PathBase.cleaned(String(item.string?.prefix { $0 != ":" } ?? ""))
            guard let other = targets[target] else {
                targets[target] = item.mark
                continue
            }
            diagnostics.problem(
                "target \"\(target)\" is already mounted at "
                    + diagnostics.words(for: other, from: item.mark),
                at: item.mark,
                path: diagnostics.pathText + ".tmpfs"
            )
        }
    }

    private func checkExternal(_ resource: Node, isError: Bool, _ diagnostics: inout Diagnostics) {
        guard resource["external"]?.bool == true, let entries = resource.map else { return }
        for (key, entry) in entries where key != "external" && key != "name" && !key.hasPrefix("x-")
        {
            let message = "an external resource cannot have \"\(key)\""
            let hint = "it exists already; remove \"\(key)\" or \"external\""
            if isError {
                diagnostics.problem(message, at: entry.keyMark, hint: hint)
            } else {
                diagnostics.warning(message, at: entry.keyMark, hint: hint)
            }
        }
    }

    private func checkSource(
        _ resource: Node,
        _ sources: [String],
        _ diagnostics: inout Diagnostics
    ) {
        guard resource["external"]?.bool != true, resource["driver"] == nil else { return }
        let given = sources.filter { resource[$0] != nil }
        let list = sources.joined(separator: "|")
        if given.isEmpty {
            diagnostics.problem(
                "one of \(list) must be set",
                at: resource.keyMark,
                hint: "add \"\(sources[0])\""
            )
        } else if given.count > 1, let second = resource[given[1]] {
            diagnostics.problem(
                "\(given.joined(separator: "|")) attributes are mutually exclusive",
                at: second.keyMark,
                hint: "keep one"
            )
        }
    }

    /// Those of the specification, and the words of `restart`, which the reference takes as well.
    private static let restartConditions = [
        "", "none", "on-failure", "any", "no", "always", "unless-stopped",
    ]

    private static func isContainerName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count > 1 else { return false }
        let isLetterOrDigit = { (byte: UInt8) in
            Character(UnicodeScalar(byte)).isASCII
                && (Character(UnicodeScalar(byte)).isLetter
                    || Character(UnicodeScalar(byte)).isNumber)
        }
        return isLetterOrDigit(first)
            && text.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }
    }
}
