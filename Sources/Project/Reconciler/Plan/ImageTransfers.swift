package import Compose
import OCI
import OrderedCollections

/// Which images a project's `pull` or `push` is about, each once, and which services are left out.
package struct ImageTransfers: Equatable, Sendable {
    package var images: [Image] = []
    package var skipped: [Skipped] = []

    /// One image, for whoever wants it.
    package struct Image: Equatable, Sendable {
        /// As the file says.
        package var reference: String
        package var services: [String]
        /// Those of them that have a Dockerfile: that the image cannot be had is no failure then.
        package var buildable: [String] = []
    }

    /// A service whose image is not transferred, and why.
    package struct Skipped: Equatable, Sendable {
        package var service: String
        /// For the user.
        package var reason: String
    }

    /// When images are fetched.
    package enum Policy: Equatable, Sendable {
        /// As each service's `pull_policy` says, always where it says nothing.
        case asWritten
        case always
        case missing
    }

    /// What `pull` fetches. `isHere` says of a reference whether its image is on this machine.
    package static func pulls(
        of project: Project,
        services: [String] = [],
        withDependencies: Bool = false,
        policy: Policy = .asWritten,
        ignoringBuildable: Bool = false,
        isHere: (String) -> Bool
    ) throws(ReconcilerError) -> ImageTransfers {
        var result = ImageTransfers()
        let selection = try ServiceSelection(
            of: services,
            withDependencies: withDependencies,
            in: project
        )
        for service in selection.services.values {
            for (_, reference) in service.imagesOfPreStart
            where policy == .always || !isHere(reference) || isNewest(reference) {
                result.add(reference, for: service)
            }
            func skip(_ reason: String) {
                result.skipped.append(Skipped(service: service.name, reason: reason))
            }
            guard let reference = service.image else {
                skip("No image to be pulled")
                continue
            }
            switch (policy, service.pullPolicy) {
            case (.missing, _) where isHere(reference) && !isNewest(reference),
                (.asWritten, .missing?) where isHere(reference) && !isNewest(reference):
                skip("Image is already present locally")
            case (.asWritten, .never?): skip("pull_policy is never")
            case (.asWritten, .build?): skip("pull_policy is build")
            case _ where ignoringBuildable && service.build != nil: skip("Image can be built")
            default: result.add(reference, for: service)
            }
        }
        return result
    }

    /// Whether a reference means the newest image of its name, which docker compose's `pull` asks
    /// the registry for even if one is here.
    private static func isNewest(_ reference: String) -> Bool {
        guard let reference = try? ImageReference(reference) else { return false }
        let tag = reference.tag ?? (reference.digest == nil ? ImageReference.defaultTag : nil)
        return tag == ImageReference.defaultTag
    }

    /// What `push` sends: the images that the project builds and names, and their further tags.
    package static func pushes(
        of project: Project,
        services: [String] = [],
        withDependencies: Bool = false
    ) throws(ReconcilerError) -> ImageTransfers {
        var result = ImageTransfers()
        let selection = try ServiceSelection(
            of: services,
            withDependencies: withDependencies,
            in: project
        )
        for service in selection.services.values {
            guard let build = service.build, let reference = service.image else {
                let reason = service.build == nil ? "It is not built here" : "It has no image name"
                result.skipped.append(Skipped(service: service.name, reason: reason))
                continue
            }
            for name in [reference] + build.tags { result.add(name, for: service) }
        }
        return result
    }

    private mutating func add(_ reference: String, for service: Service) {
        let index: Int
        if let known = images.firstIndex(where: { $0.reference == reference }) {
            index = known
        } else {
            index = images.count
            images.append(Image(reference: reference, services: []))
        }
        images[index].services.append(service.name)
        if service.build != nil { images[index].buildable.append(service.name) }
    }
}
