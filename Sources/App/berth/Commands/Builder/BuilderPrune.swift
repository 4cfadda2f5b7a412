import ArgumentParser
import DockerViews
import Engine
import TextForms

extension BuilderGroup {
    /// The build cache away, or the part of it that is too much.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove build cache."
        )

        @OptionGroup var builder: BuilderOption

        @Flag(name: .shortAndLong, help: "What images have, too.")
        var all = false

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp(
                "Only what is until=24h unused, id=ID, type=regular or exec.cachemount, "
                    + "description=TEXT, inuse, shared, private, mutable, immutable.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var force = false

        @Option(
            name: .customLong("reserved-space"),
            help: ArgumentHelp("The cache may have this much in any case.", valueName: "size")
        )
        var reservedSpace: String?

        @Option(
            name: .customLong("max-used-space"),
            help: ArgumentHelp("It may not have more than this.", valueName: "size")
        )
        var maximumSpace: String?

        @Option(
            name: .customLong("min-free-space"),
            help: ArgumentHelp("This much of the disk is to be free.", valueName: "size")
        )
        var freeSpace: String?

        @Option(
            name: .customLong("keep-storage"),
            help: ArgumentHelp("Docker's older word for --reserved-space.", valueName: "size")
        )
        var keepStorage: String?

        @Flag(help: "Everything that is known of what is removed.")
        var verbose = false

        func run() async throws {
            try builder.check()
            let filters = try BuildCacheFilters(filter)
            let rule = try rule(filters)
            let kind = all ? "all" : "all dangling"
            guard
                force
                    || Confirmation.ask(
                        line: "WARNING! This will remove \(kind) build cache. "
                            + "Are you sure you want to continue?"
                    )
            else { return }
            let removal =
                try await Session.openIfAny()?.engine.pruneBuildCache(rule)
                ?? Engine.BuildCacheRemoval()
            let report = BuildCacheReport(removal.items)
            for line in verbose ? report.details : report.removed { Terminal.line(line) }
            Terminal.line(BuildCacheReport.total(removal.bytes))
            if removal.isPostponed { Self.sayPostponed() }
        }

        private func rule(_ filters: BuildCacheFilters) throws -> BuildCachePruning {
            var rule = BuildCachePruning()
            rule.takesShared = all
            let now = Timestamp.now().nanoseconds
            rule.unusedSince = filters.unusedFor.map { now - $0 }
            rule.means = { filters.mean($0) }
            let reserved = try Self.size(reservedSpace, "--reserved-space")
            let kept = try Self.size(keepStorage, "--keep-storage") ?? filters.keptBytes
            rule.reservedBytes = reserved ?? kept ?? 0
            rule.maximumBytes = try Self.size(maximumSpace, "--max-used-space") ?? 0
            rule.freeBytes = try Self.size(freeSpace, "--min-free-space") ?? 0
            return rule
        }

        private static func size(_ text: String?, _ flag: String) throws -> Int64? {
            try text.map {
                guard let bytes = ByteSize.parse($0), bytes >= 0 else {
                    throw Failure(
                        "invalid argument \"\($0)\" for \"\(flag)\" flag: invalid size: '\($0)'",
                        exitCode: 125
                    )
                }
                return bytes
            }
        }

        /// Where layers are forgotten and still on the disk.
        static func sayPostponed() {
            Terminal.line(
                "Layers are still on the disk: another command pulls, builds or saves images; "
                    + "what is no longer needed goes with the next prune",
                to: .error
            )
        }
    }
}
