package import Compose
import ContainerRuntime
import OrderedCollections

extension Project {
    /// The providers that services need, or that are named, each after those that it depends on; all,
    /// when no service is named.
    package func providersNeeded(
        by services: some Sequence<Service>,
        named: [String]
    ) -> [Service] {
        var ordered: OrderedDictionary<String, Service> = [:]
        var visited: Set<String> = []
        func visit(_ name: String) {
            guard visited.insert(name).inserted, let provider = providers[name] else { return }
            for other in provider.providedBy { visit(other) }
            ordered[name] = provider
        }
        for name in named.isEmpty ? Array(providers.keys) : named { visit(name) }
        for service in services { service.providedBy.forEach(visit) }
        return Array(ordered.values)
    }

    /// Gives what depends on a provider the variables that it has set.
    package mutating func give(_ variables: [ProvidedVariable], of provider: String) {
        func given(_ service: Service) -> Service {
            guard service.providedBy.contains(provider) else { return service }
            var service = service
            for (name, value) in variables.flatMap({ $0.entries(of: provider) }) {
                service.environment[name] = value
            }
            return service
        }
        services = services.mapValues(given)
        disabledServices = disabledServices.mapValues(given)
        providers = providers.mapValues(given)
    }

    /// Gives services the address and the name of each model that they use.
    package mutating func giveModels(endpoint: String) {
        let models = models
        services = services.mapValues { service in
            var service = service
            for (key, use) in service.models {
                guard let model = models[key] else { continue }
                let prefix = key.asVariable
                service.environment[use.modelVar ?? "\(prefix)_MODEL"] = model.model
                service.environment[use.endpointVar ?? "\(prefix)_URL"] = endpoint
            }
            return service
        }
    }

    /// What is known of the variables of providers without asking them: what containers were made with.
    func remembering(_ observed: Observed) -> Project {
        var project = self
        for (name, service) in services
        where !service.providedBy.isEmpty || !service.models.isEmpty {
            let variables =
                observed.containers.first { $0.service == name && !$0.isOneOff }?
                .spec.process.environment ?? []
            let prefixes = (service.providedBy + service.models.keys).flatMap { key in
                [key.uppercased(), key.asVariable].map { $0 + "_" }
            }
            for variable in variables where prefixes.contains(where: variable.hasPrefix) {
                let parts = variable.split(separator: "=", maxSplits: 1)
                guard let key = parts.first.map(String.init), service.environment[key] == nil
                else { continue }
                project.services[name]?.environment[key] = parts.count > 1 ? String(parts[1]) : ""
            }
        }
        return project
    }
}

/// How docker's program for models is called.
package enum ModelCalls {
    /// What says which models there are, as JSON.
    package static let list = ["ls", "--json"]
    /// What says where models answer, as JSON.
    package static let status = ["status", "--json"]

    /// What makes a model be there.
    package static func pull(_ model: ModelDeclaration) -> [String] { ["pull", model.model] }

    /// What says how it is to be run.
    package static func configure(_ model: ModelDeclaration) -> [String] {
        var arguments = ["configure"]
        if let size = model.contextSize, size > 0 { arguments += ["--context-size", "\(size)"] }
        arguments.append(model.model)
        return model.runtimeFlags.isEmpty ? arguments : arguments + ["--"] + model.runtimeFlags
    }

    /// What it is called for people.
    package static func title(of model: ModelDeclaration, key: String) -> String {
        model.name.flatMap { $0.isEmpty ? nil : $0 } ?? key
    }
}
