package import Compose
package import Engine
import OCI
import OrderedCollections

/// Those of a project's images that are on this machine.
package struct KnownImages: Sendable, ExpressibleByDictionaryLiteral {
    /// By the service that they are of; those of its hooks by `Service.imagesOfPreStart`.
    package var services: [String: ServiceImage] = [:]
    /// References of those that services mount and that are of no service.
    package var mounted: Set<String> = []
    /// By service, what differs from what its image was built of.
    package var stale: [String: [String]] = [:]

    /// Those of services, by their names.
    package init(dictionaryLiteral elements: (String, ServiceImage)...) {
        services = Dictionary(elements) { $1 }
    }

    /// Those of services, and no others.
    package init(_ services: [String: ServiceImage]) { self.services = services }

    /// That of a service.
    package subscript(service: String) -> ServiceImage? {
        get { services[service] }
        set { services[service] = newValue }
    }

    private struct Wanted: Hashable {
        var reference: String
        var platform: Platform?
    }

    /// Looks for the image of every service, and for what they mount.
    package init(to engine: Engine, of project: Project) async throws {
        var found: [Wanted: ImageRecord] = [:]
        func look(for reference: String, _ platform: Platform? = nil) async throws -> ImageRecord? {
            let wanted = Wanted(reference: reference, platform: platform)
            if found[wanted] == nil {
                do {
                    found[wanted] = try await engine.image(matching: reference, platform: platform)
                } catch let error as EngineError where error.kind == .notFound {
                    // It is here for another platform.
                    return nil
                }
            }
            return found[wanted]
        }
        for service in Array(project.services.values) + Array(project.disabledServices.values) {
            var mounts: [String: ServiceImage.MountedImage] = [:]
            for name in service.mountedImages {
                let reference = project.reference(ofMounted: name)
                guard let record = try await look(for: reference) else { continue }
                mounts[name] = .init(reference: reference, digest: record.id)
                if !project.hasService(name) { mounted.insert(name) }
            }
            for (key, reference) in service.imagesOfPreStart {
                guard let record = try await look(for: reference) else { continue }
                services[key] = try ServiceImage(record, called: reference)
            }
            let reference = service.imageReference(in: project)
            let platform = try service.imagePlatform()
            guard let record = try await look(for: reference, platform) else { continue }
            var image = try ServiceImage(record, called: reference)
            image.mounted = mounts
            if service.refreshesImageAfter != nil,
                let tagged = try await engine.lastTagged(reference)
            {
                image.age = .nanoseconds(Timestamp.now().nanoseconds - tagged.nanoseconds)
            }
            services[service.name] = image
        }
    }
}

extension ServiceImage {
    fileprivate init(_ record: ImageRecord, called reference: String) throws {
        let configuration = try ImageConfiguration(
            bytes: record.configuration,
            subject: "image \(reference)"
        )
        self.init(
            reference: reference,
            digest: record.id,
            defaults: configuration.config,
            platform: configuration.platform
        )
    }
}
