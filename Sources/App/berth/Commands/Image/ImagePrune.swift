import ArgumentParser

extension ImageGroup {
    /// Images that nobody uses away.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove unused images."
        )

        @Flag(
            name: .shortAndLong,
            help: "All that no container has, not only those without a name."
        )
        var all = false

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp(
                "until=TIME, label=KEY[=VALUE], label!=KEY[=VALUE].",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var force = false

        func run() async throws {
            let session = try Session.openIfAny()
            let filters = try await ImageFilters(
                filter,
                known: ImageFilters.pruning,
                session: session
            )
            let takesTagged = all || filters.wantsDangling == false
            let warning =
                takesTagged
                ? "WARNING! This will remove all images without at least one container associated "
                    + "to them."
                : "WARNING! This will remove all dangling images."
            guard force || Confirmation.ask(warning) else { return }
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
