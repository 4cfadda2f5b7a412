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
        discussion: """
            Where our input and output are terminals, the command gets a terminal in the container; \
            otherwise, and with -T, bytes are passed through as they are. The command ends with us, \
            unless it is detached from: with -d, or by typing ctrl-p ctrl-q.
            """
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

    @Flag(name: .shortAndLong, help: "Return when the command runs; what it writes is lost.")
    var detach = false

    @Flag(
        name: [.customShort("T"), .customLong("no-tty"), .customLong("no-TTY")],
        help: "No terminal, whatever our input and output are."
    )
    var noTTY = false

    /// docker compose has it on without being asked.
    @Flag(
        name: [.customShort("i"), .customLong("interactive")],
        inversion: .prefixedNo,
        help: .hidden
    )
    var interactive = true

    /// As docker compose's, but that where our input is a terminal, our output may be a file.
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
        if let wrong = env.first(where: { $0.isEmpty || $0.hasPrefix("=") }) {
            throw ValidationError("invalid environment variable: \(wrong)")
        }
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let (record, session) = try await scope.runningContainer(
            of: service,
            index: index,
            in: Session.openIfAny()
        )
        if project.dryRun {
            return DryRun.show("in container \(record.name): \(command.joined(separator: " "))")
        }
        let request = request(scope.environment)
        do {
            if detach {
                try await startDetached(request, in: record, session.engine)
            } else if wantsTerminal {
                try await runOnTerminal(request, in: record, session.engine)
            } else {
                let (process, pumping) = try await start(request, in: record, session.engine)
                try await pass(to: process, pumping)
            }
        } catch let error as RuntimeError {
            throw Failure(error.description, exitCode: error.exitCode ?? 1)
        }
    }

    private var wantsTerminal: Bool {
        !noTTY && isatty(STDIN_FILENO) == 1 && (tty || Terminal.isInteractive(.out))
    }

    private func startDetached(
        _ request: ExecRequest,
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws {
        var streams = ExecStdio()
        streams.outlivesCaller = true
        _ = try await engine.exec(request, in: container, streams: streams)
    }

    /// Signals that reach us are meant for the process, but for those that its terminal makes of
    /// keys.
    private func runOnTerminal(
        _ request: ExecRequest,
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws {
        let keys = try DockerSettings().detachKeys(nil)
        let process = try await engine.exec(
            request,
            in: container,
            streams: .terminal(size: AttachSession.size)
        )
        guard let terminal = process.terminal else { preconditionFailure("it was asked for") }
        let attached = AttachSession(
            connection: terminal,
            detachKeys: keys,
            proxiedSignals: Self.signals
        )
        if try await attached.run(givesInput: interactive) == .detached {
            _ = try await process.detach()
            throw AttachSession.detached
        }
        throw Failure(silent: try await process.wait())
    }

    private func request(_ environment: [String: String]) -> ExecRequest {
        var request = ExecRequest(arguments: command)
        request.environment = env.map { EnvironmentChange($0, from: environment) }
        request.user = user
        request.workingDirectory = workdir
        return request
    }

    /// In a function of its own: when it returns, the process alone has the far ends of the pipes,
    /// so that their end is its end.
    private func start(
        _ request: ExecRequest,
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws -> (ExecProcess, ExecStreams.Pumping) {
        let streams = try ExecStreams(withInput: interactive)
        let process = try await engine.exec(request, in: container, streams: streams.stdio)
        return (process, try streams.pump())
    }

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Signals that reach us are meant for the process; its exit code is ours.
    private func pass(to process: ExecProcess, _ pumping: ExecStreams.Pumping) async throws {
        let code = try await withThrowingTaskGroup(of: Int32.self) { group in
            group.addTask { try await process.wait() }
            group.addTask {
                let signals = try Signals.stream(Self.signals)
                // One that does not arrive comes too late: the other task says how it ended.
                for await signal in signals {
                    _ = try await process.signal(signal)
                    if signal == SIGHUP, StandardStream.hasLostTerminal {
                        throw Failure(silent: 128 + SIGHUP)
                    }
                }
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
