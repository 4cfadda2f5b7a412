import ArgumentParser
import Engine
import OCI

extension ImageGroup {
    /// Names and images away.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove one or more images.",
            discussion: "A name is taken away from its image; with the last name the image goes.",
            aliases: ["remove"]
        )

        @Flag(name: .shortAndLong, help: "Though it has several names or a stopped container.")
        var force = false

        @Flag(
            name: .customLong("no-prune"),
            help: "Accepted: images of berth have no untagged parents."
        )
        var noPrune = false

        @Option(parsing: .singleValue, help: .hidden)
        var platform: [String] = []

        @Argument(
            help: ArgumentHelp("Names and identifiers.", valueName: "image"),
            completion: .images
        )
        var images: [String]

        func run() async throws {
            guard platform.isEmpty else {
                throw Failure("--platform: an image of berth has one platform; leave it out")
            }
            let session = try Session.openIfAny()
            var hasFailed = false
            var hasDeleted = false
            for image in images {
                do {
                    let removals = try await remove(image, session)
                    for removal in removals { Terminal.line(removal.line) }
                    hasDeleted = hasDeleted || removals.contains { $0.isDeletion }
                } catch let error as EngineError where error.kind == .notFound && force {
                    Failure(engine: "\(error)").tell()
                } catch {
                    Failure(error)?.tell()
                    hasFailed = true
                }
            }
            if hasDeleted, let session {
                try await session.engine.collectImageGarbage(keeping: session.cacheRoots)
            }
            if hasFailed { throw Failure(silent: 1) }
        }

        private func remove(
            _ image: String,
            _ session: Session?
        ) async throws -> [Engine.ImageRemoval] {
            guard let session else { throw EngineError.noSuchImage(image) }
            return try await session.engine.removeImage(
                matching: image,
                forced: force,
                keeping: session.cacheRoots,
                collects: false
            )
        }
    }
}

extension Engine.ImageRemoval {
    /// As `rmi` prints it.
    var line: String {
        switch self {
        case .untagged(let name): "Untagged: \(name.familiar)"
        case .deleted(let digest), .deletedLayer(let digest): "Deleted: \(digest)"
        }
    }

    var isDeletion: Bool {
        if case .untagged = self { false } else { true }
    }
}
