import ArgumentParser
import DockerViews
import Engine
import SystemPackage

extension VolumeGroup {
    /// Every volume of the machine.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List volumes.",
            aliases: ["list"]
        )

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "dangling=true|false, driver, label, name.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(
            help: "table, json (one object a line), raw, or a template of {{.Field}}.",
            completion: .formats
        )
        var format = ""

        @Flag(name: .shortAndLong, help: "The names alone.")
        var quiet = false

        func run() async throws {
            let filters = try VolumeFilters(filter)
            let session = try Session.openIfAny()
            let used = Set(try await session?.engine.volumeUses().map(\.volume) ?? [])
            let shown = try await session?.engine.volumes().filter {
                try filters.show($0, isUsed: used.contains($0.name))
            }
            let rows = (shown ?? []).map { volume in
                VolumeRow.row(
                    volume,
                    at: session?.layout.volumeData(volume.name).string ?? ""
                )
            }
            try VolumeRow.listing(format: format, onlyIdentifiers: quiet).write(rows)
        }
    }
}
