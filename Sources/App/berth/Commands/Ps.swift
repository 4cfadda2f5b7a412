import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import OrderedCollections

/// The project's containers.
struct Ps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the project's containers."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .shortAndLong, help: "Stopped ones too, and those that `run` made.")
    var all = false

    @Option(
        help: """
            table, json (one object a line), or a template of {{.Field}}; without it what psFormat \
            in docker's config.json says.
            """,
        completion: .formats
    )
    var format = ""

    @Flag(name: .shortAndLong, help: "The identifiers alone.")
    var quiet = false

    @Flag(help: "The names of the services alone.")
    var services = false

    @Option(
        parsing: .singleValue,
        help: """
            Only those in a state: created, running, restarting, exited; paused, removing and dead \
            are known, too. Stopped ones are among them without --all.
            """,
        completion: .list(["created", "running", "restarting", "exited"])
    )
    var status: [String] = []

    @Option(
        help: "Only those that meet a condition: status=STATE, besides those of --status.",
        completion: .list(["status="])
    )
    var filter: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Containers of services that the file does not have (any more)."
    )
    var orphans = true

    @Flag(name: .customLong("no-trunc"), help: "Do not shorten what is long.")
    var noTrunc = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var names: [String] = []

    func validate() throws {
        do {
            _ = try selection()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func selection() throws(DockerViewsError) -> ContainerSelection {
        try ContainerSelection(states: status, filter: filter, all: all)
    }

    func run() async throws {
        var selection = try selection()
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        let containers = try await scope.containers(
            of: names,
            in: session,
            withOneOff: true
        )
        tellOfReboot(containers)
        if !quiet { try session?.tellOfLostPorts(containers) }
        if !orphans, names.isEmpty { selection.services = scope.declaredServices }
        let shown = containers.filter { selection.shows($0.record) }
            .sorted { $0.record.name < $1.record.name }
        if quiet {
            for container in shown { Terminal.line(container.record.id.text) }
        } else if services {
            for name in OrderedSet(shown.compactMap(\.record.service)) { Terminal.line(name) }
        } else {
            let now = Timestamp.now()
            let rows = shown.map { ContainerRow($0).row(truncates: !noTrunc, now: now) }
            let form = ListingForm(asked: format, .containers, isQuiet: quiet)
            try form.telling {
                try ContainerRow.listing(format: form.text).write(rows)
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
                + "`berth up --resume` starts \(waiting.map(\.name).sorted().joined(separator: ", "))"
        )
    }
}
