import OrderedCollections

/// Which services of a model take part. compose-spec "Profiles".
struct ProfileSelection {
    /// In the order of the files.
    private(set) var enabled: Node.Mapping = [:]
    private(set) var disabled: Node.Mapping = [:]

    /// Active `profiles` let their services in, `*` lets in all; services that the user `wanted`
    /// by name are in whatever their profiles.
    init(services: Node.Mapping, profiles: [String], wanted: [String]) {
        var active = Set(profiles)
        for name in wanted {
            guard let service = services[name], !Self.isEnabled(service, active) else { continue }
            active.formUnion(service["profiles"]?.strings ?? [])
        }
        guard services.values.contains(where: { $0["profiles"] != nil }) else {
            enabled = services
            return
        }
        for (name, service) in services {
            if Self.isEnabled(service, active) {
                enabled[name] = service
            } else {
                disabled[name] = service
            }
        }
    }

    private static func isEnabled(_ service: Node, _ active: Set<String>) -> Bool {
        let own = service["profiles"]?.strings ?? []
        return own.isEmpty || active.contains("*") || own.contains(where: active.contains)
    }

    /// Leaves only the services named and what they depend on.
    mutating func narrow(to wanted: [String], _ diagnostics: inout Diagnostics) {
        guard !wanted.isEmpty else { return }
        var kept: Set<String> = []
        var queue = wanted
        for name in wanted where enabled[name] == nil {
            diagnostics.problem(
                "no such service: \(name)",
                at: .commandLine,
                hint: diagnostics.suggestion(for: name, among: enabled.keys),
                path: ""
            )
        }
        while let name = queue.popLast() {
            guard let service = enabled[name], kept.insert(name).inserted else { continue }
            queue += service["depends_on"]?.map?.keys ?? []
        }
        for (name, service) in enabled where !kept.contains(name) { disabled[name] = service }
        enabled = enabled.filter { kept.contains($0.key) }
    }

    /// Hands over the enabled services, to be changed in place.
    mutating func takeEnabled() -> Node.Mapping {
        defer { enabled = [:] }
        return enabled
    }

    /// The resources of a section that the services of a tree use, all of the key's kinds.
    static func used(_ section: String, of root: Node) -> Node.Mapping {
        let all = root[section]?.map ?? [:]
        guard !all.isEmpty else { return all }
        var keys: Set<String> = []
        for service in (root["services"]?.map ?? [:]).values {
            switch section {
            case "networks": keys.formUnion(service["networks"]?.map?.keys.elements ?? [])
            case "models": keys.formUnion(service["models"]?.map?.keys.elements ?? [])
            case "volumes":
                for mount in service["volumes"]?.list ?? [] where mount["type"]?.string == "volume"
                {
                    if let source = mount["source"]?.string { keys.insert(source) }
                }
            default:
                let items =
                    (service[section]?.list ?? []) + (service["build"]?[section]?.list ?? [])
                keys.formUnion(items.compactMap { $0["source"]?.string })
            }
        }
        return all.filter { keys.contains($0.key) }
    }
}
