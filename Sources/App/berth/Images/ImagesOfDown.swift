import ArgumentParser
import Compose
import Engine
import OCI
import Reconciler

/// The images that `down --rmi` removes, as docker compose chooses them.
struct ImagesOfDown {
    enum Which: String, CaseIterable, ExpressibleByArgument {
        /// What the services are made from, wherever it came from.
        case all
        /// What was built for the services, whether the file gives it a name or not.
        case local
    }

    /// A service that goes, and its image by the file; without a file by one of its containers.
    struct Service {
        var name: String
        var reference: String
        /// Whether that is the name that images of the project have by themselves.
        var isDefault: Bool
    }

    var which: Which
    var projectName: String
    var services: [Service]
    /// Images of services that the file does not have any more go, too.
    var withOrphans: Bool

    /// Their names, among the images that are here. An image that says in its labels for which
    /// service it was built loses the first of its names.
    func names(among known: [KnownImage]) -> [String] {
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
    init(_ service: Compose.Service, in project: Project) {
        name = service.name
        reference = service.imageReference(in: project)
        isDefault = service.image == nil
    }
}
