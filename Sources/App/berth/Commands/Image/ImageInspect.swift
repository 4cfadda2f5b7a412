import ArgumentParser
import DockerViews
import Engine

extension ImageGroup {
    /// Everything about images.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show everything about one or more images."
        )

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("json, or a template.", valueName: "template"),
            completion: .list(["json"])
        )
        var format: String?

        @OptionGroup var platform: PlatformOption

        @Argument(
            help: ArgumentHelp("Names and identifiers.", valueName: "image"),
            completion: .images
        )
        var images: [String]

        func run() async throws {
            let wanted = try platform.wanted()
            let session = try Session.openIfAny()
            var printer = try InspectPrinter(format: format)
            for name in images {
                do {
                    let image = try await KnownImage.matching(name, platform: wanted, in: session)
                    try printer.add(ImageInspection(image).value)
                } catch is InspectPrinter.Stop {
                    break
                } catch {
                    if let failure = Failure(error) { printer.add(failure) }
                }
            }
            try printer.finish()
        }
    }
}
