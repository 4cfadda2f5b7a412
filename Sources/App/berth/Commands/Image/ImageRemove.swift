import ArgumentParser
import DockerViews
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

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp(
                "Only the images for these platforms, of those that the name stands for.",
                valueName: "os/arch[/variant]"
            )
        )
        var platform: [String] = []

        @Argument(
            help: ArgumentHelp("Names and identifiers.", valueName: "image"),
            completion: .images
        )
        var images: [String]

        func run() async throws {
            let platforms = try platform.flatMap { $0.split(separator: ",") }.map {
                try PlatformOption.read(String($0))
            }
            let session = try Session.openIfAny()
            var hasFailed = false
            var hasDeleted = false
            for image in images {
                do {
                    let removals = try await remove(image, platforms, session)
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
                try await session.engine.collectImageGarbage()
            }
            if hasFailed { throw Failure(silent: 1) }
        }

        private func remove(
            _ image: String,
            _ platforms: [Platform],
            _ session: Session?
        ) async throws -> [Engine.ImageRemoval] {
            guard let session, let named = try await session.engine.image(matching: image) else {
                throw EngineError.noSuchImage(image)
            }
            guard !platforms.isEmpty else { return try await remove(image, session) }
            var removals: [Engine.ImageRemoval] = []
            var seen: Set<Digest> = []
            // All are looked up before one is removed.
            var meant: [Digest] = []
            for platform in platforms {
                meant.append(
                    try await KnownImage.matching(image, platform: platform, in: session).record.id
                )
            }
            for id in meant where seen.insert(id).inserted {
                // The others that the name stands for are called by their identifiers only.
                removals += try await remove(id == named.id ? image : id.hex, session)
            }
            return removals
        }

        private func remove(
            _ image: String,
            _ session: Session
        ) async throws -> [Engine.ImageRemoval] {
            try await session.engine.removeImage(
                matching: image,
                forced: force,
                collects: false
            )
        }
    }
}
