import ArgumentParser
import DockerViews
import Engine

extension NetworkGroup {
    /// Every network of the machine.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List networks.",
            aliases: ["list"]
        )

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "driver, id, label, name, scope, type=custom|builtin, dangling=true|false.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(
            help: "table, json (one object a line), raw, or a template of {{.Field}}.",
            completion: .formats
        )
        var format = ""

        @Flag(name: .customLong("no-trunc"), help: "Do not shorten what is long.")
        var noTrunc = false

        @Flag(name: .shortAndLong, help: "The identifiers alone.")
        var quiet = false

        func run() async throws {
            let filters = try NetworkFilters(filter)
            let session = try Session.openIfAny()
            let containers = try await session?.engine.observe(project: nil).containers ?? []
            let used = Set(containers.flatMap(\.endpoints).map(\.network.text))
            let shown = try await ListedNetwork.all(in: session).filter {
                try filters.show($0, isUsed: used.contains($0.id))
            }
            try NetworkRow.listing(format: format, onlyIdentifiers: quiet)
                .write(shown.map { NetworkRow.row($0, truncates: !noTrunc) })
        }
    }
}
