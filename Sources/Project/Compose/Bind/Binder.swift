import OrderedCollections

/// A canonical tree becomes values. Each is read once, with its place: what has no meaning is
/// reported where it stands. Total: every attribute of the specification is read, whether the
/// engine carries it out or not.
struct Binder {
    var diagnostics: Diagnostics
    /// `--no-interpolate`: of a text with a variable in it nothing is known.
    let isLenient: Bool
    /// The project is loaded to be run.
    let isToRun: Bool
    /// `DOCKER_DEFAULT_PLATFORM`: of services that say none.
    let defaultPlatform: String?

    /// Reads a tree. Env files need not have been read: they change nothing that has a grammar.
    static func read(
        _ root: Node,
        isLenient: Bool,
        isToRun: Bool,
        defaultPlatform: String? = nil,
        _ diagnostics: inout Diagnostics
    ) -> BoundValues {
        var binder = Binder(
            diagnostics: Diagnostics(),
            isLenient: isLenient,
            isToRun: isToRun,
            defaultPlatform: defaultPlatform.flatMap { $0.isEmpty ? nil : $0 }
        )
        swap(&binder.diagnostics, &diagnostics)  // Lent, so that they are added to in place.
        defer { swap(&binder.diagnostics, &diagnostics) }
        var bound = BoundValues()
        bound.services = binder.each(root["services"]) { binder, node, name in
            if binder.diagnostics.isOver { return nil }
            return binder.inside("services") { binder in
                binder.inside(name) { $0.service(node, name: name) }
            }
        }
        bound.networks = binder.each(root["networks"]) { $0.network($1, key: $2) }
        bound.volumes = binder.each(root["volumes"]) { $0.volume($1, key: $2) }
        bound.configs = binder.each(root["configs"]) { $0.fileDeclaration($1, key: $2) }
        bound.secrets = binder.each(root["secrets"]) { $0.fileDeclaration($1, key: $2) }
        bound.models = binder.each(root["models"]) { binder, node, _ in binder.model(node) }
        return bound
    }
}

/// Everything that a tree declares, as values.
struct BoundValues {
    fileprivate var services: OrderedDictionary<String, Service> = [:]
    fileprivate var networks: OrderedDictionary<String, NetworkDeclaration> = [:]
    fileprivate var volumes: OrderedDictionary<String, VolumeDeclaration> = [:]
    fileprivate var configs: OrderedDictionary<String, FileDeclaration> = [:]
    fileprivate var secrets: OrderedDictionary<String, FileDeclaration> = [:]
    fileprivate var models: OrderedDictionary<String, ModelDeclaration> = [:]

    /// Gives a project what of it is left in the tree, with what env files add, and the services
    /// that do not take part.
    func fill(_ project: inout Project, from root: Node, disabled: Node.Mapping) {
        project.services = resolved(root["services"]?.map ?? [:])
        project.disabledServices = resolved(disabled)
        project.networks = left(networks, in: root["networks"])
        project.volumes = left(volumes, in: root["volumes"])
        project.configs = left(configs, in: root["configs"])
        project.secrets = left(secrets, in: root["secrets"])
        project.models = left(models, in: root["models"])
        project.connectByMode(default: networks["default"])
        project.separateProviders()
    }

    private func resolved(_ nodes: Node.Mapping) -> OrderedDictionary<String, Service> {
        var result = OrderedDictionary<String, Service>(minimumCapacity: nodes.count)
        for (name, node) in nodes {
            guard var service = services[name] else { continue }
            Binder.readResolved(node, &service)
            result[name] = service
        }
        return result
    }

    private func left<Value>(
        _ values: OrderedDictionary<String, Value>,
        in node: Node?
    ) -> OrderedDictionary<String, Value> {
        guard let entries = node?.map else { return [:] }
        return entries.count == values.count ? values : values.filter { entries[$0.key] != nil }
    }
}
