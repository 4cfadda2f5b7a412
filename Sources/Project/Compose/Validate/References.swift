import OrderedCollections

/// Checks that what services refer to is there, and that dependencies do not go in a circle.
struct References {
    let services: Node.Mapping
    /// Services that the profiles leave out.
    let disabled: Node.Mapping
    let networks: Node.Mapping
    let volumes: Node.Mapping
    let secrets: Node.Mapping
    let configs: Node.Mapping
    let models: Node.Mapping

    init(root: Node, enabled: Node.Mapping, disabled: Node.Mapping) {
        services = enabled
        self.disabled = disabled
        networks = root["networks"]?.map ?? [:]
        volumes = root["volumes"]?.map ?? [:]
        secrets = root["secrets"]?.map ?? [:]
        configs = root["configs"]?.map ?? [:]
        models = root["models"]?.map ?? [:]
    }

    func check(_ diagnostics: inout Diagnostics) {
        for (name, service) in services { check(name, service, &diagnostics) }
        checkContainerNames(&diagnostics)
        checkCycles(&diagnostics)
        for (name, secret) in secrets {
            guard secret["external"]?.bool != true, secret["driver"] != nil,
                secret["file"] == nil, secret["environment"] == nil
            else { continue }
            diagnostics.problem(
                "must declare either `file` or `environment`",
                at: secret.keyMark,
                hint: "there are no secret drivers here",
                path: "secrets.\(name)"
            )
        }
    }

    private func check(_ name: String, _ service: Node, _ diagnostics: inout Diagnostics) {
        if diagnostics.isOver { return }
        let path = "services.\(name)"
        // A misspelt key of a service may be just the one that is missing.
        if service["image"]?.string?.isEmpty ?? true, service["build"] == nil,
            service["provider"] == nil, !diagnostics.hasProblem(under: path),
            !diagnostics.incomplete.contains(name)
        {
            diagnostics.problem(
                "has neither an image nor a build context specified",
                at: service.keyMark,
                hint: "add \"image\" or \"build\"",
                path: path
            )
        }
        if let mode = service["network_mode"], let attached = service["networks"]?.map,
            !attached.isEmpty
        {
            diagnostics.problem(
                "`network_mode` and `networks` are mutually exclusive",
                at: mode.keyMark,
                hint: service["networks"].map {
                    "keep one; networks is at "
                        + diagnostics.words(for: $0.keyMark, from: mode.keyMark)
                },
                path: path
            )
        }
        for (key, entry) in service["networks"]?.map ?? [:] {
            refer(to: key, "network", networks, at: entry.mark, path + ".networks", &diagnostics)
        }
        for (index, mount) in (service["volumes"]?.list ?? []).enumerated() {
            guard mount["type"]?.string == "volume", let source = mount["source"],
                let key = source.string, !key.isEmpty
            else { continue }
            refer(
                to: key,
                "volume",
                volumes,
                at: source.mark,
                path + ".volumes[\(index)]",
                &diagnostics
            )
        }
        for (attribute, kind, known) in [
            ("secrets", "secret", secrets), ("configs", "config", configs),
        ] {
            for (index, item) in (service[attribute]?.list ?? []).enumerated() {
                guard let source = item["source"], let key = source.string else { continue }
                refer(
                    to: key,
                    kind,
                    known,
                    at: source.mark,
                    path + ".\(attribute)[\(index)]",
                    &diagnostics
                )
            }
        }
        for (key, entry) in service["models"]?.map ?? [:] {
            refer(to: key, "model", models, at: entry.mark, path + ".models", &diagnostics)
        }
        checkBuild(service, path, &diagnostics)
        checkDependencies(service, path, &diagnostics)
    }

    private func checkBuild(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (index, item) in (service["build"]?["secrets"]?.list ?? []).enumerated() {
            guard let source = item["source"], let key = source.string else { continue }
            refer(
                to: key,
                "build secret",
                secrets,
                at: source.mark,
                path + ".build.secrets[\(index)]",
                &diagnostics
            )
        }
        for (name, context) in service["build"]?["additional_contexts"]?.map ?? [:] {
            guard let text = context.string, text.hasPrefix("service:") else { continue }
            let other = String(text.dropFirst("service:".count))
            let place = "\(path).build.additional_contexts.\(name)"
            guard let target = services[other] ?? disabled[other] else {
                undefined(
                    "refers to undefined service \"\(other)\"",
                    other,
                    context,
                    place,
                    &diagnostics
                )
                continue
            }
            if target["build"] == nil {
                diagnostics.problem(
                    "service \"\(other)\" has no build to take a context from",
                    at: context.mark,
                    path: place
                )
            }
        }
        if let platform = service["platform"]?.string,
            let platforms = service["build"]?["platforms"], let list = platforms.list,
            !list.isEmpty, !list.contains(where: { $0.string == platform })
        {
            diagnostics.problem(
                "build.platforms must include the platform of the service, \"\(platform)\"",
                at: platforms.mark,
                path: path
            )
        }
    }

    private func checkDependencies(
        _ service: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        for (name, dependency) in service["depends_on"]?.map ?? [:] {
            if services.keys.contains(name) { continue }
            let place = "\(path).\(Self.origin(of: dependency, in: service))"
            if let other = disabled[name] {
                guard dependency["required"]?.bool ?? true else { continue }
                diagnostics.problem(
                    "depends on undefined service \"\(name)\"",
                    at: dependency.mark,
                    hint: Self.profileHint(other),
                    path: place
                )
                continue
            }
            undefined(
                "depends on undefined service \"\(name)\"",
                name,
                dependency,
                place,
                &diagnostics
            )
        }
    }

    private static func profileHint(_ service: Node) -> String {
        let profiles = service["profiles"]?.strings ?? []
        guard let first = profiles.first else { return "say \"required: false\"" }
        let names = profiles.map { "\"\($0)\"" }.joined(separator: " nor ")
        return profiles.count == 1
            ? "its profile \(names) is not active; enable it with --profile \(first), "
                + "or say \"required: false\""
            : "neither profile \(names) is active; enable one with --profile \(first), "
                + "or say \"required: false\""
    }

    /// The attribute that a dependency was made from: some say more than one thing.
    private static func origin(of dependency: Node, in service: Node) -> String {
        for key in ["links", "volumes_from", "network_mode", "ipc", "pid", "uts", "cgroup"] {
            guard let node = service[key] else { continue }
            if (node.list ?? [node]).contains(where: { $0.mark == dependency.mark }) { return key }
        }
        return "depends_on"
    }

    private func refer(
        to key: String,
        _ kind: String,
        _ known: Node.Mapping,
        at mark: Mark,
        _ path: @autoclosure () -> String,
        _ diagnostics: inout Diagnostics
    ) {
        guard !known.keys.contains(key), !diagnostics.isOver else { return }
        let section = kind.hasSuffix("secret") ? "secrets" : kind + "s"
        diagnostics.problem(
            "refers to undefined \(kind) \"\(key)\"",
            at: mark,
            hint: kind == "volume" && key.contains("/")
                ? "write \"./\(key)\" for a folder"
                : diagnostics.suggestion(for: key, among: known.keys)
                    ?? "declare it under the top-level \"\(section)\"",
            path: path()
        )
    }

    private func undefined(
        _ message: String,
        _ name: String,
        _ place: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        // The names of all services are put together for a hint that is shown, and for no other.
        let names =
            diagnostics.isFull
            ? [] : Array(services.keys.prefix(1000)) + Array(disabled.keys.prefix(1000))
        diagnostics.problem(
            message,
            at: place.mark,
            hint: diagnostics.suggestion(for: name, among: names),
            path: path
        )
    }

    private func checkContainerNames(_ diagnostics: inout Diagnostics) {
        var owners: [String: (service: String, mark: Mark)] = [:]
        for (name, service) in services {
            guard let own = service["container_name"], let text = own.string else { continue }
            if diagnostics.isOver { return }
            if let owner = owners[text] {
                diagnostics.problem(
                    "container name \"\(text)\" is already in use by service \"\(owner.service)\"",
                    at: own.mark,
                    hint: "the other one is at "
                        + diagnostics.words(for: owner.mark, from: own.mark),
                    path: "services.\(name).container_name"
                )
            } else {
                owners[text] = (name, own.mark)
            }
        }
    }

    /// In the order of the file; the first circle met from a service is told there.
    private func checkCycles(_ diagnostics: inout Diagnostics) {
        var dependencies = DepthFirst<String>()
        for name in services.keys {
            dependencies.walk(
                from: name,
                needs: { name in
                    (services[name]?["depends_on"]?.map?.keys.elements ?? [])
                        .filter { services[$0] != nil }
                },
                circle: { way, target in
                    if !diagnostics.isFull { tell(way, target, &diagnostics) }
                }
            )
        }
    }

    /// The circle begins at the service that was met again.
    private func tell(_ chain: [String], _ target: String, _ diagnostics: inout Diagnostics) {
        guard let begin = chain.firstIndex(of: target) else { return }
        let circle = chain[begin...] + [target]
        let next = circle[circle.index(after: begin)]
        guard let first = services[target]?["depends_on"]?[next] else { return }
        // Of a circle of thousands nobody reads all.
        let shown = circle.count <= 50 ? circle : circle.prefix(48) + ["…", target]
        diagnostics.problem(
            "dependency cycle detected: \(shown.joined(separator: " -> "))",
            at: first.mark,
            path: "services.\(target).depends_on"
        )
    }
}
