import OrderedCollections

/// Fills in what a compose file leaves unsaid: defaults, names of records, implied networks and
/// dependencies. compose-spec, throughout; compose-go "Normalize".
struct Normalisation {
    let projectName: String
    /// Value of a variable of the project environment.
    let environment: [String: String]

    /// Defaults that hold however the project is looked at.
    func setDefaults(in root: inout Node, _ diagnostics: inout Diagnostics) {
        root.update("services") { services in
            services.updateEach { _, service in
                service.update("depends_on") { dependencies in
                    dependencies.updateEach { _, dependency in
                        guard dependency.map != nil, dependency["required"] == nil else { return }
                        dependency.set("required", dependency.made(.bool(true)))
                    }
                }
                // All below them may be commented out.
                for key in ["deploy", "develop"] where service[key]?.isNull == true {
                    service.set(key, nil)
                }
                service.update("build") { $0.update("extra_hosts", Self.sort) }
                service.update("extra_hosts", Self.sort)
                service.update("logging") { $0.update("options", Self.fillEmpty) }
                service.update("storage_opt", Self.fillEmpty)
                setSecretTargets(in: &service)
                service.update("gpus", Self.setCounts)
                service.update("deploy") {
                    $0.update("resources") {
                        $0.update("reservations") { $0.update("devices", Self.setCounts) }
                    }
                }
            }
        }
        for section in ["networks", "volumes", "secrets", "configs"] {
            root.update(section) { resources in
                resources.updateEach { name, resource in
                    if resource.isNull { resource.value = .map([:]) }
                    renameExternal(&resource, "\(section).\(name)", &diagnostics)
                }
            }
        }
    }

    private static func sort(_ hosts: inout Node) {
        guard let list = hosts.list else { return }
        hosts.value = .list(list.sorted { $0.string ?? "" < $1.string ?? "" })
    }

    /// An option without a value is one with an empty text.
    private static func fillEmpty(_ options: inout Node) {
        options.updateEach { _, option in
            if option.isNull { option.value = .string("") }
        }
    }

    /// Devices that are neither counted nor named are all there are.
    private static func setCounts(of requests: inout Node) {
        guard case .list(var items) = requests.value else { return }
        for index in items.indices
        where items[index]["count"] == nil && items[index]["device_ids"] == nil {
            items[index].set("count", items[index].made(.int(-1)))
        }
        requests.value = .list(items)
    }

    private func setSecretTargets(in service: inout Node) {
        service.update("secrets") { secrets in
            guard case .list(var items) = secrets.value else { return }
            for index in items.indices where items[index]["target"] == nil {
                guard let source = items[index]["source"]?.string else { continue }
                items[index].set(
                    "target",
                    items[index].made(.string("/run/secrets/\(source)"))
                )
            }
            secrets.value = .list(items)
        }
    }

    /// `external: {name: n}` is the old way to say `external: true, name: n`.
    private func renameExternal(
        _ resource: inout Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let external = resource["external"], external.map != nil else { return }
        diagnostics.warning(
            "external.name is deprecated",
            at: external.keyMark,
            hint: "write \"external: true\" and \"name\"",
            path: path
        )
        if let name = external["name"] {
            if resource["name"] != nil {
                diagnostics.problem(
                    "external.name and name conflict",
                    at: name.mark,
                    hint: "keep only \"name\"",
                    path: path
                )
            }
            resource.set("name", name)
        }
        resource.set("external", external.with(.bool(true)))
    }

    /// What `--no-normalize` leaves out.
    func normalise(_ root: inout Node) {
        var usesDefaultNetwork = false
        root.update("services") { services in
            services.updateEach { _, service in
                guard service.map != nil else { return }
                if attachDefault(&service) { usesDefaultNetwork = true }
                normaliseBuild(&service)
                imply(&service)
                service.update("pull_policy") { policy in
                    if policy.string == "if_not_present" { policy.value = .string("missing") }
                }
                inheritImage(&service)
            }
        }
        if usesDefaultNetwork, root["networks"]?["default"] == nil {
            if root["networks"]?.map == nil { root.set("networks", root.made(.map([:]))) }
            root.update("networks") { $0.set("default", $0.made(.map([:]))) }
        }
        for section in ["networks", "volumes", "secrets", "configs"] {
            root.update(section) { resources in
                resources.updateEach { key, resource in
                    // An empty name is one that a variable without a value has left.
                    guard resource.map != nil, resource["name"]?.isNull ?? true else { return }
                    let isExternal = resource["external"]?.bool == true
                    resource.set(
                        "name",
                        resource.made(.string(isExternal ? key : "\(projectName)_\(key)"))
                    )
                }
            }
        }
    }

    /// A service that is on no network is on `default`, which is then used.
    private func attachDefault(_ service: inout Node) -> Bool {
        if let networks = service["networks"]?.map, !networks.isEmpty {
            return networks["default"] != nil
        }
        guard service["network_mode"] == nil, service["provider"] == nil else { return false }
        service.set("networks", service.made(.map(["default": service.made(.null)])))
        return true
    }

    private func normaliseBuild(_ service: inout Node) {
        service.update("build") { build in
            guard build.map != nil else { return }
            if build["dockerfile"] == nil, build["dockerfile_inline"] == nil {
                build.set("dockerfile", build.made(.string("Dockerfile")))
            }
            build.update("args") { args in
                guard case .map(let entries) = args.value else { return }
                args.value = .map(
                    entries.reduce(into: [:]) { result, entry in
                        if !entry.value.isNull {
                            result[entry.key] = entry.value
                        } else if let value = environment[entry.key] {
                            result[entry.key] = entry.value.with(.string(value))
                        }
                    }
                )
            }
        }
    }

    private func inheritImage(_ service: inout Node) {
        guard let image = service["image"] else { return }
        service.update("pre_start") { hooks in
            guard case .list(var items) = hooks.value else { return }
            for index in items.indices where items[index]["image"] == nil {
                items[index].set("image", image)
            }
            hooks.value = .list(items)
        }
    }

    /// Dependencies that other attributes imply; an explicit one wins.
    private func imply(_ service: inout Node) {
        var implied: [(name: String, place: Node, restarts: Bool)] = []
        for link in service["links"]?.list ?? [] {
            let name = link.string?.prefix { $0 != ":" } ?? ""
            implied.append((String(name), link, true))
        }
        for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
            guard let place = service[key], let text = place.string, text.hasPrefix("service:")
            else { continue }
            implied.append((String(text.dropFirst("service:".count)), place, true))
        }
        for item in service["volumes_from"]?.list ?? [] {
            guard let text = item.string, !text.hasPrefix("container:") else { continue }
            implied.append((String(text.prefix { $0 != ":" }), item, false))
        }
        guard !implied.isEmpty else { return }
        if service["depends_on"]?.map == nil {
            service.set("depends_on", implied[0].place.made(.map([:])))
        }
        service.update("depends_on") { dependencies in
            for (name, place, restarts) in implied where dependencies[name] == nil {
                var entry: Node.Mapping = ["condition": place.made(.string("service_started"))]
                if restarts { entry["restart"] = place.made(.bool(true)) }
                entry["required"] = place.made(.bool(true))
                dependencies.set(name, place.made(.map(entry)))
            }
        }
    }
}
