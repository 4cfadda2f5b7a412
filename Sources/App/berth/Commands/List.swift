import ArgumentParser
import DockerViews
import Engine
import GoTemplate

/// The projects of this machine.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the projects of this machine."
    )

    @Flag(name: .shortAndLong, help: "Those of which nothing runs, too.")
    var all = false

    @Flag(name: .shortAndLong, help: "The names alone.")
    var quiet = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Only those whose name has a match of this regular expression.",
            valueName: "name=value"
        )
    )
    var filter: [String] = []

    @Option(help: "table or json.", completion: .formats)
    var format = "table"

    @Flag(name: .customLong("dry-run"), help: .hidden)
    var dryRun = false

    func validate() throws {
        guard ["table", "json"].contains(format) else {
            throw ValidationError("--format takes table or json, not \(format)")
        }
        _ = try names()
    }

    /// What `--filter name=` asks for; a project must have a match of one of them in its name.
    private func names() throws -> [Regex<AnyRegexOutput>] {
        try filter.map { item in
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard item.contains("=") else {
                throw ValidationError("--filter takes name=TEXT, not \(item)")
            }
            guard parts.first == "name" else {
                throw ValidationError("--filter knows name, not \(parts.first ?? "")")
            }
            do { return try Regex(parts.count > 1 ? parts[1] : "") } catch {
                throw ValidationError(
                    "--filter name=\(parts.dropFirst().joined()): no regular expression: \(error)"
                )
            }
        }
    }

    func run() async throws {
        let wanted = try names()
        var rows: [ProjectRow] = []
        if let session = try Session.openIfAny() {
            let names = try await session.engine.projects().map(\.name)
            for name in names where wanted.isEmpty || wanted.contains(where: { name.contains($0) })
            {
                let containers = try await session.engine.observe(project: name).containers
                rows += ProjectRow(name, containers.map(\.record), all: all).map { [$0] } ?? []
            }
        }
        if quiet {
            for row in rows { Terminal.line(row.name) }
        } else if format == "json" {
            Terminal.line(GoValue.list(rows.map { .map($0.row) }).json)
        } else {
            try RowListing(
                format: "table",
                header: ["NAME", "STATUS", "CONFIG FILES"],
                cells: ["Name", "Status", "ConfigFiles"],
                minimumWidth: 20
            ).write(rows.map(\.row))
        }
    }
}
