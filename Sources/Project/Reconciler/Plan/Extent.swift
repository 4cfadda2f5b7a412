package import Compose
import OrderedCollections

/// How much of a project a verb on what there is means: the services that are named, else those
/// that the file has and the profiles enable, as docker compose does; without a file, all that
/// carries the project's name.
package struct Extent: Sendable {
    /// nil is all.
    package let services: Set<String>?
    private let project: Project?
    /// No service is named.
    let isWhole: Bool

    package init(of services: [String], in project: Project?) {
        isWhole = services.isEmpty
        self.services = isWhole ? project.map { Set($0.services.keys) } : Set(services)
        self.project = project
    }

    /// Whether it means the containers of a service.
    package func contains(_ service: String?) -> Bool {
        services?.contains(service ?? "") ?? true
    }

    /// Whether a service of the extent uses a network or volume of the file. One that no service
    /// uses, or only services that no profile enables, is nobody's, as docker compose has it.
    func uses(_ key: String, _ keys: (Service) -> [String]) -> Bool {
        users(of: key, keys).contains { contains($0.name) }
    }

    /// Whether any service of the file uses it, enabled or not.
    func isUsed(_ key: String, _ keys: (Service) -> [String]) -> Bool {
        !users(of: key, keys).isEmpty
    }

    private func users(of key: String, _ keys: (Service) -> [String]) -> [Service] {
        guard let project else { return [] }
        return [project.services, project.disabledServices].flatMap(\.values)
            .filter { keys($0).contains(key) }
    }
}
