import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import Reconciler

/// What the containers wrote, as one stream in order of time.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the logs of the containers, merged by time."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .shortAndLong, help: "Go on until the containers have ended.")
    var follow = false

    @Option(
        name: [.customShort("n"), .customLong("tail")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "The last lines of each container, or all, which a number below 0 means, too.",
            valueName: "number"
        )
    )
    var tail = "all"

    @Flag(name: .shortAndLong, help: "Show when each line was received.")
    var timestamps = false

    @Option(
        help: ArgumentHelp("Only later lines: a time, or how long ago (10m).", valueName: "time")
    )
    var since: String?

    @Option(help: ArgumentHelp("Only earlier lines.", valueName: "time"))
    var until: String?

    @Flag(name: .customLong("no-color"), help: "No colours.")
    var noColour = false

    @Flag(name: .customLong("no-log-prefix"), help: "The lines alone.")
    var noPrefix = false

    @Flag(help: "Bytes as they are, control characters too.")
    var raw = false

    @OptionGroup var view: LogViewFlags

    @Option(help: ArgumentHelp("Only this container of the service.", valueName: "number"))
    var index: Int?

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        guard ["", "all"].contains(tail) || Int(tail) != nil else {
            throw ValidationError("--tail takes a number or all, not \(tail)")
        }
        guard index == nil || services.count == 1 else {
            throw ValidationError("--index needs one service")
        }
        try view.check()
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let extent = scope.extent(of: services)
        let session = try Session.openIfAny()
        let containers = try await scope.containers(of: services, in: session)
            .map(\.record).filter { container in
                extent.contains(container.service) && (index == nil || container.number == index)
            }
        if let index, containers.isEmpty {
            let asked = services.isEmpty ? "the project" : services.joined(separator: ", ")
            throw Failure("\(asked) has no container #\(index); `berth ps -a` lists them")
        }
        var selection = LogSelection()
        selection.tail = Int(tail).flatMap { $0 < 0 ? nil : $0 }
        selection.since = try since.map { try TimeOption.parse($0) }
        selection.until = try until.map { try TimeOption.parse($0) }
        var options = LogPrinter.Options()
        let settings = try project.outputSettings()
        options.isOneStream = true
        options.coloured = settings.colouredLogs(unless: noColour)
        options.showsPrefix = !noPrefix
        options.showsTime = timestamps
        options.isRaw = raw
        view.apply(to: &options)
        let names = containers.map { LogPrefix.name(of: $0.name, in: scope.name) }
        var printer = LogPrinter(names: names, options: options)
        for container in containers where try container.spec.log.driver == LogSpec.Driver.none {
            Terminal.line(
                "warning: \(container.name) keeps no log (logging.driver: none)",
                to: .error
            )
        }
        guard let session else { return }
        guard follow else {
            try await session.engine.readLogs(of: containers.map(\.id), selection) { lines in
                printer.write(lines, names: names)
            }
            for container in containers { try warn(of: container, session) }
            return
        }
        selection.follow = .whileRunning
        let followed = try await FollowedContainers(
            engine: session.engine,
            project: scope.name,
            extent: extent,
            number: index
        )
        try await session.engine.followLogs(selection, of: followed.writers) { lines, writers in
            printer.write(lines, names: writers.map(followed.name))
        } caughtUp: {
            for end in followed.takeEnds() { printer.note(end.words, name: end.name) }
        }
    }

    /// What the log lacks, and why it is not sent to the server that it is for.
    private func warn(of container: ContainerRecord, _ session: Session) throws {
        if let loss = try session.engine.logLoss(of: container.id) {
            Terminal.line("warning: \(container.name): \(loss)", to: .error)
        }
        guard let delivery = try container.spec.log.delivery,
            let failure = try session.engine.deliveryState(of: container.id).failure
        else { return }
        let server = delivery.address.map { "\($0)" } ?? "this machine's log"
        let words = "its log is not sent to \(server): \(failure)"
        Terminal.line("warning: \(container.name): \(TerminalEscaping.oneLine(words))", to: .error)
    }
}
