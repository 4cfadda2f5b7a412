import OrderedCollections

/// The images of a project, for `config --resolve-image-digests` and `--lock-image-digests`.
extension LoadedProject {
    /// An image that a service names, and where it does.
    package struct ImageUse: Hashable, Sendable {
        package var service: String
        /// As in the canonical form, not yet parsed.
        package var image: String
        private let position: Position
        private let sourceLine: String?

        fileprivate init(service: String, image: String, at mark: Mark, _ sources: Sources) {
            var sources = sources
            self.service = service
            self.image = image
            position = sources.position(mark)
            sourceLine = sources.line(mark)
        }

        /// What is wrong with the image, at the place it is written.
        package func problem(_ message: String, hint: String? = nil) -> Problem {
            var problem = Problem(
                position: position,
                path: "services.\(service).image",
                message: message,
                hint: hint
            )
            problem.sourceLine = sourceLine
            problem.kind = .registry
            return problem
        }
    }

    /// The images that services name; one that is only built has none.
    package var imageUses: [ImageUse] {
        (root["services"]?.map ?? [:]).compactMap { name, service in
            guard let image = service["image"], let text = image.string, !text.isEmpty else {
                return nil
            }
            return ImageUse(service: name, image: text, at: image.mark, sources)
        }
    }

    /// Gives services, by name, another image.
    package mutating func replaceImages(_ images: [String: String]) {
        root.update("services") { services in
            services.updateEach { name, service in
                guard let image = images[name] else { return }
                service.update("image") { $0.value = .string(image) }
            }
        }
    }

    /// Leaves of the whole only the services with their images: what an override file needs.
    package mutating func keepOnlyImages() {
        guard let services = root["services"] else { return }
        root.value = .map(["services": services])
        root.update("services") { services in
            services.updateEach { _, service in
                service.value = .map(service["image"].map { ["image": $0] } ?? [:])
            }
        }
    }
}
