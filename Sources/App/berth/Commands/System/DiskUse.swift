import ArgumentParser

extension System {
    /// Where the room went.
    struct DiskUse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "df",
            abstract: "Show what images, containers, volumes and the build cache take."
        )

        @Option(help: "table, json, a template, or table and a template.")
        var format = ""

        @Flag(name: .shortAndLong, help: "Every image, container and volume.")
        var verbose = false

        func run() async throws {
            guard !verbose || format.isEmpty else {
                throw Failure("the verbose and the format options conflict")
            }
            let report = try await DiskUseReport(of: Session.openIfAny())
            guard verbose else {
                return try RowListing(
                    format: format,
                    columns: [
                        .init("Type", "TYPE"), .init("TotalCount", "TOTAL"),
                        .init("Active", "ACTIVE"), .init("Size", "SIZE"),
                        .init("Reclaimable", "RECLAIMABLE"),
                    ]
                ).write(report.summary)
            }
            for line in report.details { Terminal.line(line) }
        }
    }
}
