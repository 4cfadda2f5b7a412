import ArgumentParser
import DockerViews
import Engine
import OCI

extension ImageGroup {
    /// The images of this machine.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List images.",
            aliases: ["list"]
        )

        @Flag(name: .shortAndLong, help: "Those too that only the index of another lists.")
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

        @Option(
            help: """
                table, json, raw, a template, or table and a template; without it what \
                imagesFormat in docker's config.json says.
                """,
            completion: .list(["table", "json", "raw"])
        )
        var format = ""

        @Flag(name: .customLong("no-trunc"), help: "Do not shorten identifiers.")
        var noTrunc = false

        @Flag(name: .shortAndLong, help: "The identifiers alone.")
        var quiet = false

        @Flag(help: "Each image with the platforms that its name stands for.")
        var tree = false

        @Argument(
            help: ArgumentHelp("Only those of this name.", valueName: "repository[:tag]"),
            completion: .images
        )
        var name: String?

        func run() async throws {
            try checkTree()
            let session = try Session.openIfAny()
            let filters = try await ImageFilters(
                filter + (name.map { ["reference=\($0)"] } ?? []),
                flag: "-f, --filter"
            ) { try await KnownImage.matching($0, in: session).created }
            let shown = try await KnownImage.all(in: session)
                .filter { all || !$0.isListed }.compactMap { filters.apply($0) }
            if shown.isEmpty, let name, Self.commands.contains(name) {
                Terminal.line(
                    "No images found matching \"\(name)\": did you mean \"image \(name)\"?",
                    to: .error
                )
            }
            if tree {
                var platforms: [ImagePlatforms] = []
                var used: Set<Digest> = []
                if let session {
                    platforms = try await session.engine.platforms(of: shown)
                    used = Set(
                        try await session.engine.containers(ofProject: nil).map(\.image)
                    )
                }
                return show(ImageTree(of: platforms, used: used))
            }
            let form = ListingForm(asked: format, .images, isQuiet: quiet)
            try form.telling { try show(shown, as: form.text) }
        }

        /// The rows of a listing.
        private func show(_ images: [KnownImage], as form: String) throws {
            let showsDigests = digests || form.contains(".Digest")
            let rows = images.flatMap {
                ImageRow.rows(of: $0, withDigests: showsDigests, truncates: !noTrunc)
            }
            try ImageRow.listing(
                format: form,
                withDigests: digests,
                onlyIdentifiers: quiet
            ).write(rows.map(\.fields))
        }

        private func show(_ tree: ImageTree) {
            let columns = Terminal.size(.out)?.columns
            let styled = Terminal.usesColour(.out)
            for line in tree.lines(width: columns, isStyled: styled) { Terminal.line(line) }
        }

        /// What docker does not show in a tree either.
        private func checkTree() throws {
            guard tree else { return }
            let refused = [
                (quiet, "--quiet"), (noTrunc, "--no-trunc"), (digests, "--digests"),
                (!format.isEmpty, "--format"),
            ]
            guard let flag = refused.first(where: \.0)?.1 else { return }
            throw Failure("\(flag) is not yet supported with --tree")
        }

        /// What somebody may have meant who wrote `images ls`.
        private static let commands = Set(
            ImageGroup.configuration.subcommands.flatMap {
                [$0.configuration.commandName ?? ""] + $0.configuration.aliases
            }
        )
    }
}
