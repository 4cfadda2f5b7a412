package import Compose
import OrderedCollections

/// Who gives a project what no container does.
package struct ProviderSource: Sendable {
    /// Asks a provider for its service; gives the variables that it sets.
    package var up: @Sendable (Service) async throws -> [ProvidedVariable]
    /// Makes models be there, by their keys; gives the address where they answer.
    package var models: @Sendable ([(key: String, model: ModelDeclaration)]) async throws -> String

    /// Both verbs.
    package init(
        up: @escaping @Sendable (Service) async throws -> [ProvidedVariable],
        models:
            @escaping @Sendable ([(key: String, model: ModelDeclaration)]) async throws -> String
    ) {
        self.up = up
        self.models = models
    }
}

extension Convergence {
    /// Asks the providers that what is brought up needs, and gives the project with what they set.
    func provided(_ project: Project, _ options: UpOptions) async throws -> Project {
        guard !project.providers.isEmpty || !project.models.isEmpty else { return project }
        let selection = try ServiceSelection(
            of: options.services,
            withDependencies: options.withDependencies,
            in: project
        )
        var project = project
        let needed = project.providersNeeded(
            by: selection.services.values,
            named: options.services
        )
        for provider in needed {
            // With what the providers before it have set.
            let current = project.providers[provider.name] ?? provider
            project.give(try await providers.up(current), of: provider.name)
        }
        let keys = OrderedSet(selection.services.values.flatMap { $0.models.keys })
        let models = keys.compactMap { key in project.models[key].map { (key, $0) } }
        if !models.isEmpty {
            project.giveModels(endpoint: try await providers.models(models))
        }
        return project
    }
}
