import ArgumentParser
import ContainerRuntime
import Engine
import Glibc
import Linux

/// A further process in a running container.
struct Exec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command in a running container.",
        discussion: "No terminal is allocated yet; input and output are passed through as they are."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            "Set a variable; NAME alone takes ours, or removes it where we have none.",
            valueName: "name=value"
        )
    )
    var env: [String] = []

    @Flag(
        name: [.customShort("T"), .customLong("no-tty")],
        help: "Accepted: there is no terminal."
    )
    var noTTY = false

    /// docker compose takes both, and has them on without being asked.
    @Flag(name: [.customShort("i"), .customLong("interactive")], help: .hidden)
    var interactive = false

    @Flag(name: [.customShort("t"), .customLong("tty")], help: .hidden)
    var tty = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Run as this user.", valueName: "user"))
    var user: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Working directory inside.", valueName: "path")
    )
    var workdir: String?

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @Argument(help: "The service.", completion: .services)
    var service: String

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String]

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("exec needs a command") }
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        let candidates = try await scope.containers(of: [service], in: session)
            .sorted { ($0.record.number ?? 0) < ($1.record.number ?? 0) }
        let chosen = candidates.first {
            index == nil ? $0.initPID != nil : $0.record.number == index
        }
        guard let session, let record = chosen?.record else { throw notRunning }
        if project.dryRun {
            return DryRun.show("in container \(record.name): \(command.joined(separator: " "))")
        }
        tellOfTerminal()
        let started: (ExecProcess, ExecStreams.Pumping)
        do {
            started = try await start(request(scope.environment), in: record, session.engine)
        } catch let error as RuntimeError {
            throw Failure(error.description, exitCode: error.exitCode ?? 1)
        }
        try await pass(to: started.0, started.1)
    }

    private func request(_ environment: [String: String]) -> ExecRequest {
        var request = ExecRequest(arguments: command)
        request.environment = env.map { EnvironmentChange($0, from: environment) }
        request.user = user
        request.workingDirectory = workdir
        return request
    }

    /// A person who runs a shell would wait in vain for its prompt.
    private func tellOfTerminal() {
        guard !noTTY, isatty(STDIN_FILENO) == 1, Terminal.isInteractive(.out) else { return }
        Progress.message(
            "note: berth gives no terminal to exec yet: no prompt, and lines are sent as a whole"
        )
    }

    /// In a function of its own: when it returns, the process alone has the far ends of the pipes,
    /// so that their end is its end.
    private func start(
        _ request: ExecRequest,
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws -> (ExecProcess, ExecStreams.Pumping) {
        let streams = try ExecStreams()
        let process = try await engine.exec(request, in: container, streams: streams.stdio)
        return (process, try streams.pump())
    }

    private var notRunning: Failure {
        Failure(
            "service \"\(service)\" is not running"
                + (index.map { " container #\($0)" } ?? "")
        )
    }

    /// Signals that reach us are meant for the process; its exit code is ours.
    private func pass(to process: ExecProcess, _ pumping: ExecStreams.Pumping) async throws {
        let code = try await withThrowingTaskGroup(of: Int32.self) { group in
            group.addTask { try await process.wait() }
            group.addTask {
                let signals = try Signals.stream([SIGINT, SIGTERM, SIGHUP])
                // One that does not arrive comes too late: the other task says how it ended.
                for await signal in signals { _ = try await process.signal(signal) }
                // The signals end with the group, after the process.
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let code = try await group.next() else { throw CancellationError() }
            return code
        }
        try await pumping.finish()
        throw Failure(silent: code)
    }
}
