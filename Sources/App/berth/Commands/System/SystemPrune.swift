import ArgumentParser
import DockerViews
import Engine

extension System {
    /// Everything away that nothing uses.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove stopped containers and unused networks, images and build cache."
        )

        @OptionGroup var options: PruneOptions

        @Flag(help: "Anonymous volumes too that no container has.")
        var volumes = false

        func run() async throws {
            let texts = options.filters
            let filters = try PruneFilters(texts)
            guard !volumes || !filters.hasTime else {
                throw Failure("The \"until\" filter is not supported with \"--volumes\"")
            }
            guard options.force || Confirmation.ask(warning(filters: texts)) else { return }
            guard let session = try Session.openIfAny() else {
                Terminal.line("Total reclaimed space: \(HumanSize.decimal(0))")
                return
            }
            let engine = session.engine
            var bytes: Int64 = 0
            func tell(_ heading: String, _ names: [String]) {
                guard !names.isEmpty else { return }
                for line in [heading] + names + [""] { Terminal.line(line) }
            }
            let containers = try await engine.pruneContainers {
                filters.mean($0.createdAt, $0.labels)
            }
            bytes += containers.bytes
            tell("Deleted Containers:", containers.names)
            let networks = try await engine.pruneNetworks { filters.mean($0.createdAt, $0.labels) }
            tell("Deleted Networks:", networks)
            if volumes {
                let volumes = try await engine.pruneVolumes { filters.mean($0.labels) }
                bytes += volumes.bytes
                tell("Deleted Volumes:", volumes.names)
            }
            // Before the images, so that what only the cache needed goes with them. It has no labels.
            var rule = BuildCachePruning()
            rule.takesShared = options.all
            rule.unusedSince = filters.until?.nanoseconds
            let cache =
                filters.hasLabels
                ? Engine.BuildCacheRemoval()
                : try await engine.pruneBuildCache(rule, collects: false)
            bytes += cache.items.filter(\.isMutable).reduce(0) { $0 + $1.bytes }
            let images = try await session.pruneImages(
                takesTagged: options.all,
                ImageFilters(texts, known: ImageFilters.pruning) {
                    try await KnownImage.matching($0, in: session).created
                }
            )
            bytes += images.bytes
            for line in images.lines { Terminal.line(line) }
            tell("Deleted build cache objects:", cache.items.map(\.id))
            Terminal.line("Total reclaimed space: \(HumanSize.decimal(bytes))")
        }

        private func warning(filters: [String]) -> String {
            var lines = [
                "WARNING! This will remove:", "  - all stopped containers",
                "  - all networks not used by at least one container",
            ]
            if volumes {
                lines.append("  - all anonymous volumes not used by at least one container")
            }
            lines.append(
                options.all
                    ? "  - all images without at least one container associated to them"
                    : "  - all dangling images"
            )
            lines.append(options.all ? "  - all build cache" : "  - unused build cache")
            if !filters.isEmpty {
                lines += ["", "  Items to be pruned will be filtered with:"]
                lines += filters.sorted().map { "  - \($0)" }
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }
}
