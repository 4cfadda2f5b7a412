import Builder
import Compose
import Engine
import Linux
import Logging
import OCI
import OrderedCollections
import Reconciler
import SystemPackage

/// What images of services were built of, so that `up` knows which are stale.
extension ProjectImages {
    /// What a service's image is built of now, as the file has it: what the command line of `build`
    /// changes is not compared, since `up` has no such flags.
    func inputs(
        of service: Service,
        _ declaration: BuildDeclaration,
        covered: [String: CoveredPaths] = [:]
    ) async throws -> BuildInputs {
        var contexts: [String: BuildRequest.NamedContext] = [:]
        var layouts: [String: LayoutContext] = [:]
        var images: [String: String] = [:]
        for (key, value) in declaration.additionalContexts {
            if let name = value.serviceBuiltUpon {
                images[key] = try await identifier(ofService: name)
            } else if let layout = try LayoutContext(parsing: value) {
                layouts[key] = layout
            } else {
                contexts[key] = try BuildSources.named(value)
            }
        }
        var request = BuildRequest(
            of: declaration,
            namedContexts: contexts,
            environment: Machine.environment()
        )
        request.layoutContexts = layouts
        if let remote = try BuildSources.remote(declaration.context) {
            request.remoteContext = remote
            request.context = nil
        }
        let complete = request
        var inputs = try await blocking { () throws(any Error) in
            try BuildInputs(of: complete, covered: covered)
        }
        for (key, image) in images { inputs.note("additional_contexts.\(key)", image) }
        inputs.note("tags", declaration.tags.sorted().joined(separator: "\n").orNil)
        let own = try service.buildPlatforms(every: false).map { "\($0)" }
        inputs.note("platform", own.joined(separator: "\n").orNil)
        inputs.note("platforms", declaration.platforms.joined(separator: "\n").orNil)
        return inputs
    }

    private func identifier(ofService name: String) async throws -> String? {
        guard let project, let service = project.declaredService(name) else { return nil }
        let reference = service.imageReference(in: project)
        return try await session.engine.image(matching: reference)?.id.description
    }

    /// Writes down what an image was built of. One of which that is not known is never stale.
    func note(
        _ inputs: BuildInputs,
        of image: ImageRecord,
        named name: ImageReference,
        reading read: BuiltImage.Reading
    ) async throws {
        var inputs = inputs
        inputs.limit(to: read.contexts)
        for reference in read.images {
            inputs.bases[reference] = try await session.engine.image(matching: reference)?.id
                .description
        }
        try session.engine.note(inputs, of: image.id, named: name)
    }

    /// What differs from what a service's image was built of; nothing where it is up to date, or was not built
    /// here.
    func differences(_ service: Service, _ reference: String, _ image: Digest) async -> [String] {
        guard let declaration = service.build else { return [] }
        do {
            let name = try ImageReference(reference)
            guard let former = try session.engine.buildInputs(of: image, named: name) else {
                return []
            }
            var words = try await inputs(of: service, declaration, covered: former.covered)
                .differences(from: former)
            for (base, id) in former.bases.sorted(by: { $0.key < $1.key }) {
                // One that is gone is pulled when something else asks for a build.
                guard let now = try await session.engine.image(matching: base)?.id else { continue }
                if now.description != id { words.append("image \(base) changed") }
            }
            return words
        } catch {
            session.logger.warning(
                "\(service.name): whether its image is stale is not known: \(error)"
            )
            return []
        }
    }
}

extension String {
    fileprivate var orNil: String? { isEmpty ? nil : self }
}
