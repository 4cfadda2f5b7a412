import ArgumentParser
import DockerViews
import Engine

extension ImageGroup {
    /// Images that nobody uses away.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove unused images."
        )

        @OptionGroup var options: PruneOptions

        func run() async throws {
            let session = try Session.openIfAny()
            let filters = try await ImageFilters(
                options.filters,
                known: ImageFilters.pruning
            ) { try await KnownImage.matching($0, in: session).created }
            let takesTagged = options.all || filters.wantsDangling == false
            let warning =
                takesTagged
                ? "WARNING! This will remove all images without at least one container associated "
                    + "to them."
                : "WARNING! This will remove all dangling images."
            guard options.force || Confirmation.ask(warning) else { return }
            let report = try await session?.pruneImages(takesTagged: takesTagged, filters)
            for line in report?.lines ?? [] { Terminal.line(line) }
            Terminal.line("Total reclaimed space: \(HumanSize.decimal(report?.bytes ?? 0))")
        }
    }
}

extension Session {
    /// Removes images that nothing uses, and says where that makes no room yet.
    func pruneImages(
        takesTagged: Bool,
        _ filters: ImageFilters
    ) async throws -> ImagePruneReport {
        let report = try await engine.pruneImages(takesTagged: takesTagged, where: filters.apply)
        if report.isPostponed {
            Terminal.line(
                "Nothing was taken from the disk: another command pulls, builds or saves images; "
                    + "what is no longer needed goes with the next prune",
                to: .error
            )
        }
        return report
    }
}
