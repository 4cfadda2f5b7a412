package import Compose
package import Engine
import OCI

/// The images that `down --rmi` removes, as docker compose chooses them.
package struct ImagesOfDown: Sendable {
    /// How far `--rmi` goes.
    package enum Which: String, CaseIterable, Sendable {
        /// What the services are made from, wherever it came from.
        case all
        /// What was built for the services, whether the file gives it a name or not.
        case local
    }

    /// A service that goes, and its image by the file; without a file by one of its containers.
    package struct Service: Sendable {
        /// As the file calls it.
        package var name: String
        var reference: String
        /// Whether that is the name that images of the project have by themselves.
        var isDefault: Bool

        /// As one of its containers says.
        package init(name: String, reference: String, isDefault: Bool) {
            self.name = name
            self.reference = reference
            self.isDefault = isDefault
        }
    }

    var which: Which
    var projectName: String
    var services: [Service]
    /// Images of services that the file does not have any more go, too.
    var withOrphans: Bool

    /// What is to go of a project.
    package init(
        which: Which,
        projectName: String,
        services: [Service],
        withOrphans: Bool
    ) {
        self.which = which
        self.projectName = projectName
        self.services = services
        self.withOrphans = withOrphans
    }

    /// Their names, among the images that are here. An image that says in its labels for which
    /// service it was built loses the first of its names.
    package func names(among known: [KnownImage]) -> [String] {
        // What is no reference, from a file with mistakes, is the name of no image here.
        let wanted = services.filter { which == .all || $0.isDefault }
            .compactMap { try? ImageReference($0.reference).resolvable }
        let names = Set(services.map(\.name))
        let built = known.filter { image in
            let labels = image.configuration.config.labels
            guard labels[ComposeLabels.project] == projectName,
                let service = labels[ComposeLabels.service]
            else { return false }
            return withOrphans || names.contains(service)
        }
        let here = Set(known.flatMap { $0.tags + $0.digests })
        return Set(wanted.filter(here.contains) + built.compactMap(\.tags.first))
            .map(\.familiar).sorted()
    }
}

extension ImagesOfDown.Service {
    /// By the file.
    package init(_ service: Compose.Service, in project: Project) {
        name = service.name
        reference = service.imageReference(in: project)
        isDefault = service.image == nil
    }
}
