import Engine
import ImageStore
import OCI

/// Removing the images that nobody uses.
struct ImagePruning {
    /// What was done, and how much room it made.
    struct Outcome {
        var removals: [Engine.ImageRemoval] = []
        var bytes: Int64 = 0
    }

    let session: Session
    /// Those with names too, if no container has them.
    let takesTagged: Bool
    let filters: ImageFilters

    func run() async throws -> Outcome {
        let containers = try await session.engine.containers(ofProject: nil)
        let used = Set(containers.map(\.image))
        var outcome = Outcome()
        for image in try await KnownImage.all(in: session) {
            guard !used.contains(image.record.id), takesTagged || image.isDangling,
                let meant = filters.apply(image)
            else { continue }
            outcome.removals += try await remove(meant)
        }
        let reclaimed = try await session.engine.collectImageGarbage(keeping: session.cacheRoots)
        if reclaimed == nil {
            Terminal.line(
                "Nothing was taken from the disk: another command pulls, builds or saves images; "
                    + "what is no longer needed goes with the next prune",
                to: .error
            )
        }
        outcome.bytes = reclaimed?.bytes ?? 0
        return outcome
    }

    /// An image that got a container or another name meanwhile stays.
    private func remove(_ image: KnownImage) async throws -> [Engine.ImageRemoval] {
        let names = (image.tags + image.digests).map(\.description)
        var removals: [Engine.ImageRemoval] = []
        for name in names.isEmpty ? [image.record.id.hex] : names {
            do {
                removals += try await session.engine.removeImage(
                    matching: name,
                    keeping: session.cacheRoots,
                    collects: false
                )
            } catch let error as EngineError
                where [.notFound, .inUse, .conflict].contains(error.kind)
            {
                continue
            }
        }
        return removals
    }
}

extension ImagePruning.Outcome {
    /// As `prune` prints it: lower case, unlike `rmi`.
    var lines: [String] {
        guard !removals.isEmpty else { return [] }
        let lines = removals.map { removal in
            let line = removal.line
            return line.prefix(1).lowercased() + line.dropFirst()
        }
        return ["Deleted Images:"] + lines + [""]
    }
}
