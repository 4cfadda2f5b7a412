import OrderedCollections

/// What `config` lists instead of the whole.
extension LoadedProject {
    /// Names of the services, dependencies first; among equals in alphabetical order.
    package var serviceNames: [String] {
        var order: OrderedSet<String> = []
        var entered: Set<String> = []
        // Each service is met twice: on the way down, and once its dependencies are listed.
        let all = project.services.merging(project.providers) { service, _ in service }
        var stack = all.keys.sorted().reversed().map { (name: $0, isDone: false) }
        while let (name, isDone) = stack.popLast() {
            if isDone {
                order.append(name)
                continue
            }
            guard let service = all[name], entered.insert(name).inserted else {
                continue
            }
            stack.append((name, true))
            let needs = Array(service.dependsOn.keys) + service.providedBy
            for dependency in needs.sorted().reversed() {
                stack.append((dependency, false))
            }
        }
        return Array(order)
    }

    /// Keys of the volumes, sorted.
    package var volumeNames: [String] { project.volumes.keys.sorted() }

    /// Keys of the networks, sorted.
    package var networkNames: [String] { project.networks.keys.sorted() }

    /// The models that services ask for, sorted, each once.
    package var modelNames: [String] {
        Set((root["models"]?.map ?? [:]).values.compactMap { $0["model"]?.string }).sorted()
    }

    /// Names of the images the services run, sorted, each once.
    package var imageNames: [String] {
        let all = Array(project.services.values) + Array(project.providers.values)
        return Set(all.map { $0.image ?? project.joinedName($0.name) }).sorted()
    }

    /// The variables of every value of the tree; it must not be interpolated.
    var variables: [TemplateVariable] {
        var found: [String: TemplateVariable] = [:]
        collect(root, into: &found)
        return found.values.sorted { $0.name < $1.name }
    }

    private func collect(_ node: Node, into found: inout [String: TemplateVariable]) {
        switch node.value {
        case .string(let text):
            guard text.utf8.contains(UInt8(ascii: "$")) else { return }
            for variable in VariableTemplate.variables(in: text) where found[variable.name] == nil {
                found[variable.name] = variable
            }
        case .list(let items): for item in items { collect(item, into: &found) }
        case .map(let entries): for entry in entries.values { collect(entry, into: &found) }
        case .null, .bool, .int, .float: return
        }
    }
}
