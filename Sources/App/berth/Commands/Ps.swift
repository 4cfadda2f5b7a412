import ArgumentParser
import ContainerRuntime
import Engine

/// The project's containers.
struct Ps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the project's containers."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .shortAndLong, help: "Stopped ones too.")
    var all = false

    @Option(
        help: """
            table, json (one object a line), or a template of {{.Field}}; without it what psFormat \
            in docker's config.json says.
            """
    )
    var format = ""

    @Flag(name: .shortAndLong, help: "The identifiers alone.")
    var quiet = false

    @Flag(help: "The names of the services alone.")
    var services = false

    @Option(
        parsing: .singleValue,
        help: "Only those in a state: created, running, restarting, exited."
    )
    var status: [String] = []

    @Flag(name: .customLong("no-trunc"), help: "Do not shorten what is long.")
    var noTrunc = false

    @Argument(help: "Services; all when none is named.")
    var names: [String] = []

    func validate() throws {
        let words = ["created", "running", "restarting", "exited"]
        if let word = status.first(where: { !words.contains($0) }) {
            throw ValidationError(
                "--status takes one of \(words.joined(separator: ", ")), not \(word)"
            )
        }
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.open()
        let containers = try await scope.containers(of: names, in: session)
        tellOfReboot(containers)
        let shown =
            containers
            .filter { container in
                let state = container.record.status.rawValue
                guard status.isEmpty else { return status.contains(state) }
                return all || state == "running" || state == "restarting"
            }
            .sorted { $0.record.name < $1.record.name }
        let rows = shown.map { ContainerRow($0, truncates: !noTrunc) }
        if quiet {
            for container in shown { Terminal.line(container.record.id.text) }
        } else if services {
            for name in Set(shown.compactMap(\.record.service)).sorted() { Terminal.line(name) }
        } else {
            let form = ListingForm(asked: format, .containers, isQuiet: quiet)
            try form.telling {
                try RowListing(
                    format: form.text,
                    header: ContainerRow.header,
                    cells: ContainerRow.cells
                ).write(rows.map(\.row))
            }
        }
    }

    /// A `restart` policy holds while the machine is on: what it would start after a restart of the
    /// machine is named, since nothing else says why it does not run.
    private func tellOfReboot(_ containers: [ObservedContainer]) {
        let waiting = containers.map(\.record).filter(\.waitsAfterReboot)
        guard !waiting.isEmpty, !quiet else { return }
        Progress.message(
            "warning: the machine was restarted, and berth starts nothing by itself then; "
                + "`berth up -d` starts \(waiting.map(\.name).sorted().joined(separator: ", "))"
        )
    }
}
