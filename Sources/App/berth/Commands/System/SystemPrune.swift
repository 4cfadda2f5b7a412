import ArgumentParser
import Builder
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
            let filters = try Filters(texts, known: ["until", "label", "label!"])
            guard !volumes || filters["until"].isEmpty else {
                throw Failure("The \"until\" filter is not supported with \"--volumes\"")
            }
            guard options.force || Confirmation.ask(warning(filters: texts)) else { return }
            guard let session = try Session.openIfAny() else {
                Terminal.line("Total reclaimed space: \(HumanSize.decimal(0))")
                return
            }
            let pruning = try SystemPruning(session: session, filters: filters)
            var bytes: Int64 = 0
            func tell(_ heading: String, _ names: [String]) {
                guard !names.isEmpty else { return }
                for line in [heading] + names + [""] { Terminal.line(line) }
            }
            let containers = try await pruning.containers()
            bytes += containers.bytes
            tell("Deleted Containers:", containers.names)
            tell("Deleted Networks:", try await pruning.networks())
            if volumes {
                let volumes = try await pruning.volumes()
                bytes += volumes.bytes
                tell("Deleted Volumes:", volumes.names)
            }
            // Before the images, so that what only the cache needed goes with them.
            let forgotten = try await pruning.forgetBuildCache(all: options.all)
            let images = try await ImagePruning(
                session: session,
                takesTagged: options.all,
                filters: try await ImageFilters(
                    texts,
                    known: ImageFilters.pruning,
                    session: session
                )
            ).run()
            bytes += images.bytes
            for line in images.lines { Terminal.line(line) }
            tell("Deleted build cache objects:", forgotten)
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
