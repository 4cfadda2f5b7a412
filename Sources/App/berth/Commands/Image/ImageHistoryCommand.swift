import ArgumentParser
import DockerViews
import Engine

extension ImageGroup {
    /// How an image was made.
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "history",
            abstract: "Show how an image was made, newest step first."
        )

        @Option(help: "table, json, a template, or table and a template.", completion: .formats)
        var format = ""

        @Flag(
            name: [.customShort("H"), .customLong("human")],
            inversion: .prefixedNo,
            exclusivity: .chooseLast,
            help: "Sizes and times for people; otherwise bytes and dates."
        )
        var human = true

        @Flag(name: .customLong("no-trunc"), help: "Do not shorten what is long.")
        var noTrunc = false

        @Flag(name: .shortAndLong, help: "The identifiers alone.")
        var quiet = false

        @OptionGroup var platform: PlatformOption

        @Argument(
            help: ArgumentHelp("Name or identifier.", valueName: "image"),
            completion: .images
        )
        var image: String

        func run() async throws {
            let wanted = try platform.wanted()
            let session = try Session.openIfAny()
            let known = try await KnownImage.matching(image, platform: wanted, in: session)
            let history = ImageHistory(of: known)
            let now = Timestamp.now()
            let isPlain = format.isEmpty || format == "table"
            try ImageHistory.listing(
                format: isPlain && quiet ? "{{.ID}}" : format,
                isHuman: human
            ).write(
                history.entries.map { $0.row(isHuman: human, truncates: !noTrunc, now: now) }
            )
        }
    }
}
