import Compose
import Logging
import OCI
import Registry

/// Pins the images of a project to the digests that their registries have for them. Only
/// manifests are asked for, by HEAD where the registry answers that.
struct ImageDigests: Sendable {
    /// How many registries are asked at once.
    private static let parallelism = 8

    private let registry = RegistryClient.Lazy()

    /// Gives every image its digest; `redis` becomes `docker.io/library/redis:latest@sha256:…`.
    /// - Throws: every image that could not be pinned, at the line that names it.
    func pin(_ loaded: inout LoadedProject) async throws {
        let uses = loaded.imageUses
        var problems: [Problem] = []
        var references: [String: ImageReference] = [:]
        for use in uses where references[use.image] == nil {
            do {
                references[use.image] = try ImageReference(use.image).tagged
            } catch {
                problems.append(use.problem("\(error)"))
            }
        }
        let answers = await digests(of: Set(references.values))
        var images: [String: String] = [:]
        for use in uses {
            guard let reference = references[use.image] else { continue }
            switch answers[reference] {
            case .success(let digest):
                images[use.service] = reference.with(digest: digest).description
            case .failure(let error): problems.append(use.problem("\(error)"))
            case nil: images[use.service] = reference.resolvable.description
            }
        }
        guard problems.isEmpty else { throw ComposeError(problems: problems) }
        loaded.replaceImages(images)
    }

    /// Asks for each reference that has no digest yet, a few at a time.
    private func digests(
        of references: Set<ImageReference>
    ) async -> [ImageReference: Result<Digest, any Error>] {
        var waiting = references.filter { $0.digest == nil }.sorted()[...]
        guard !waiting.isEmpty else { return [:] }
        let client = registry.client(
            logger: Logger(label: "berth", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return await withTaskGroup(
            of: (ImageReference, Result<Digest, any Error>).self
        ) { group in
            func ask() {
                guard let reference = waiting.popFirst() else { return }
                group.addTask {
                    do {
                        return (reference, .success(try await client.digest(of: reference)))
                    } catch {
                        return (reference, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.parallelism { ask() }
            var answers: [ImageReference: Result<Digest, any Error>] = [:]
            for await (reference, answer) in group {
                answers[reference] = answer
                ask()
            }
            return answers
        }
    }
}
