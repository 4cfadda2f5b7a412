import ArgumentParser
import DockerViews
import Engine

extension BuilderGroup {
    /// What is in the build cache.
    struct DiskUse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "du",
            abstract: "Show what the build cache holds: steps and cache mounts."
        )

        @OptionGroup var builder: BuilderOption

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp(
                "until=24h, id=ID, type=regular or exec.cachemount, description=TEXT, inuse, shared, "
                    + "private, mutable, immutable.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(
            help: "table, pretty, json, a template, or table and a template.",
            completion: .list(["table", "pretty", "json"])
        )
        var format = ""

        @Flag(help: "Everything that is known of each, as --format=pretty.")
        var verbose = false

        func run() async throws {
            try builder.check()
            guard !verbose || format.isEmpty else {
                throw Failure("--format and --verbose cannot be used together")
            }
            let filters = try BuildCacheFilters(filter)
            let now = Timestamp.now()
            let items = try await Session.openIfAny()?.engine.buildCacheItems() ?? []
            let meant = items.filter { item in
                filters.mean(item)
                    && filters.unusedFor.map {
                        item.lastUsed < Timestamp(nanoseconds: now.nanoseconds - $0)
                    } != false
            }
            let report = BuildCacheReport(meant.sorted { ($0.bytes, $0.id) < ($1.bytes, $1.id) })
            for line in try report.lines(format: verbose ? "pretty" : format) {
                Terminal.line(line)
            }
        }
    }
}
