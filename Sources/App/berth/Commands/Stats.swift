import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import GoTemplate

/// What the project's containers use.
struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what containers use of processors, memory, network and disks, until Ctrl-C."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @OptionGroup var options: StatsOptions

    @Argument(help: "A service; all when none is named.", completion: .services)
    var service: String?

    func run() async throws {
        let scope = try ProjectScope(project)
        let named = service.map { [$0] } ?? []
        let session = try Session.openIfAny()
        _ = try await scope.containers(of: named, in: session)
        if project.dryRun { return DryRun.show("show what project \(scope.name) uses") }
        try await options.show(in: session) {
            try await scope.containers(of: named, in: session, withOneOff: true)
        }
    }
}

/// How `stats` shows what there is, of a project and of any containers.
struct StatsOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Those that do not run, too.")
    var all = false

    @Option(
        help: "table, json (one object a line), or a template of {{.Field}}.",
        completion: .formats
    )
    var format = "table"

    @Flag(name: .customLong("no-stream"), help: "Show it once.")
    var noStream = false

    @Flag(name: .customLong("no-trunc"), help: "Do not shorten identifiers.")
    var noTrunc = false

    /// A share of the processors takes two looks, this far from each other.
    private static let interval = Duration.seconds(1)

    /// Shows what `containers` gives, each time anew, until it is interrupted. `withStopped` shows
    /// those that do not run, too, with zeros: docker does of those that are named.
    func show(
        in session: Session?,
        withStopped: Bool = false,
        _ containers: () async throws -> [ObservedContainer]
    ) async throws {
        let listing = StatsRow.listing(format: format)
        // What is wrong with the format is said before a second has passed.
        _ = try listing.lines([GoMap]())
        let draws = Terminal.canDraw(.out) && !noStream
        var before: [ContainerID: ContainerUsage] = [:]
        var isFirst = true
        while true {
            var now: [ContainerID: ContainerUsage] = [:]
            let shown = try await containers()
                .filter { all || withStopped || $0.initPID != nil }
                .sorted { $0.record.name < $1.record.name }
            for container in shown {
                now[container.record.id] = try session?.engine.usage(of: container)
            }
            if !isFirst {
                let lines = try listing.lines(
                    shown.map { container in
                        let record = container.record
                        return StatsRow(record, before: before[record.id], now: now[record.id])
                            .row(truncates: !noTrunc)
                    },
                    isSeen: Terminal.isInteractive(.out)
                )
                if draws {
                    Terminal.show(lines, on: .out)
                } else {
                    for line in lines { Terminal.line(line) }
                }
                if noStream { return }
            }
            isFirst = false
            before = now
            try await Task.sleep(for: Self.interval)
        }
    }
}
