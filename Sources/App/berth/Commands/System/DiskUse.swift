import ArgumentParser
import DockerViews
import Engine
import GoTemplate

extension System {
    /// Where the room went.
    struct DiskUse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "df",
            abstract: "Show what images, containers, volumes and the build cache take."
        )

        @Option(
            help: "table, json, raw, a template, or table and a template.",
            completion: .list(["table", "json", "raw"])
        )
        var format = ""

        @Flag(
            name: .shortAndLong,
            help: """
                Every image, container and volume; a template then finds .Images, .Containers, \
                .Volumes and .BuildCache.
                """
        )
        var verbose = false

        func run() async throws {
            let use = try await Session.openIfAny()?.engine.diskUsage() ?? DiskUsage()
            let report = DiskUseReport(use)
            guard !verbose else { return try show(report) }
            try DiskUseReport.listing(format: format).write(report.summary)
        }

        /// Everything one by one. A template is filled in once, with the lists of all things.
        private func show(_ report: DiskUseReport) throws {
            switch format {
            case "", "table": for line in try report.details() { Terminal.line(line) }
            case "json":
                Terminal.line(GoValue.map(report.document(truncates: false)).json)
            default:
                let template = format == "raw" ? DiskUseReport.rawDetailsTemplate : format
                let lines = try RowListing(format: template, columns: [])
                    .lines([report.document(truncates: false)])
                for line in lines { Terminal.line(line) }
            }
        }
    }
}
