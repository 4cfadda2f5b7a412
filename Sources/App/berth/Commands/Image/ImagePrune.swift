import ArgumentParser

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
                known: ImageFilters.pruning,
                session: session
            )
            let takesTagged = options.all || filters.wantsDangling == false
            let warning =
                takesTagged
                ? "WARNING! This will remove all images without at least one container associated "
                    + "to them."
                : "WARNING! This will remove all dangling images."
            guard options.force || Confirmation.ask(warning) else { return }
            var outcome = ImagePruning.Outcome()
            if let session {
                outcome = try await ImagePruning(
                    session: session,
                    takesTagged: takesTagged,
                    filters: filters
                ).run()
            }
            for line in outcome.lines { Terminal.line(line) }
            Terminal.line("Total reclaimed space: \(HumanSize.decimal(outcome.bytes))")
        }
    }
}
