import ArgumentParser
import Engine

extension ImageGroup {
    /// The images of this machine.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List images.",
            aliases: ["list"]
        )

        @Flag(name: .shortAndLong, help: "Intermediate images too, of which berth makes none.")
        var all = false

        @Flag(help: "Show digests.")
        var digests = false

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "dangling=BOOL, label=KEY[=VALUE], before=IMAGE, since=IMAGE, until=TIME, "
                    + "reference=PATTERN.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(help: "table, json, raw, a template, or table and a template.")
        var format = ""

        @Flag(name: .customLong("no-trunc"), help: "Do not shorten identifiers.")
        var noTrunc = false

        @Flag(name: .shortAndLong, help: "The identifiers alone.")
        var quiet = false

        @Flag(help: .hidden)
        var tree = false

        @Argument(help: ArgumentHelp("Only those of this name.", valueName: "repository[:tag]"))
        var name: String?

        func run() async throws {
            guard !tree else {
                throw Failure("--tree is an experiment of docker's and not supported yet")
            }
            let session = try Session.openIfAny()
            let filters = try await ImageFilters(
                filter + (name.map { ["reference=\($0)"] } ?? []),
                session: session
            )
            let shown = try await KnownImage.all(in: session).compactMap { filters.apply($0) }
            let showsDigests = digests || format.contains(".Digest")
            let rows = shown.flatMap {
                ImageRow.rows(of: $0, withDigests: showsDigests, truncates: !noTrunc)
            }
            if rows.isEmpty, let name, Self.commands.contains(name) {
                Terminal.line(
                    "No images found matching \"\(name)\": did you mean \"image \(name)\"?",
                    to: .error
                )
            }
            let form =
                switch format {
                case "", "table": quiet ? "{{.ID}}" : "table"
                case "raw":
                    quiet ? "image_id: {{.ID}}" : ImageRow.rawTemplate(withDigests: digests)
                default: format
                }
            try RowListing(
                format: form,
                columns: ImageRow.columns(withDigests: digests),
                others: ImageRow.others
            ).write(rows.map(\.fields))
        }

        /// What somebody may have meant who wrote `images ls`.
        private static let commands = Set(
            ImageGroup.configuration.subcommands.flatMap {
                [$0.configuration.commandName ?? ""] + $0.configuration.aliases
            }
        )
    }
}
