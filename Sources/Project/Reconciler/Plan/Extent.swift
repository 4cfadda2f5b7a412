package import Compose
import OrderedCollections

/// How much of a project a verb on what there is means: the services that are named, else those
/// that the file has and the profiles enable, as docker compose does; without a file, all that
/// carries the project's name.
package struct Extent: Sendable {
    /// nil is all.
    package let services: Set<String>?
    private let project: Project?
    private let isWhole: Bool

    package init(of services: [String], in project: Project?) {
        isWhole = services.isEmpty
        self.services = isWhole ? project.map { Set($0.services.keys) } : Set(services)
        self.project = project
    }

    /// Whether it means the containers of a service.
    package func contains(_ service: String?) -> Bool {
        services?.contains(service ?? "") ?? true
    }

    /// Whether a network or volume of the project goes with a `down`: one that a service of the
    /// extent uses, and for the whole project one that no other service uses, too.
    ///
    /// `key` is nil for one whose place in the file is not known.
    func takes(
        _ key: String?,
        usedBy keys: (Service) -> [String]
    ) -> Bool {
        guard let project else { return isWhole }
        guard let key else { return isWhole }
        let users = [project.services, project.disabledServices].flatMap(\.values)
            .filter { keys($0).contains(key) }
        return users.contains { contains($0.name) } || (isWhole && users.isEmpty)
    }
}
