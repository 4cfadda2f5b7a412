import ArgumentParser
import ContainerRuntime
import Engine
import Glibc
import Linux

/// Our terminal as that of a running container's first process.
struct Attach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Attach our terminal to a running container of a service.",
        discussion: """
            Shows what the container's first process writes from now on, and passes on what is \
            typed where the service has `stdin_open: true`. The keys that detach (ctrl-p ctrl-q, \
            with `tty: true`) end the command and leave the container running.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(help: ArgumentHelp("Keys that detach instead of ctrl-p,ctrl-q.", valueName: "keys"))
    var detachKeys: String?

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @Flag(help: "Pass on nothing that is typed.")
    var noStdin = false

    @Flag(
        inversion: .prefixedNo,
        help: "Pass on signals, where the container has no terminal."
    )
    var sigProxy = true

    @Argument(help: "The service.", completion: .services)
    var service: String

    func run() async throws {
        let scope = try ProjectScope(project)
        let keys = try DockerSettings().detachKeys(detachKeys)
        let (record, session) = try await scope.runningContainer(
            of: service,
            index: index,
            in: Session.openIfAny()
        )
        if project.dryRun { return DryRun.show("attach to container \(record.name)") }
        let connection = try await session.engine.attach(to: record, givesInput: !noStdin)
        let givesInput = !noStdin && connection.streams.input != .none
        if givesInput && connection.streams.isTerminal && isatty(STDIN_FILENO) == 0 {
            throw Failure("the input device is not a TTY; --no-stdin attaches without input")
        }
        let attached = AttachSession(
            connection: connection,
            detachKeys: keys,
            proxiedSignals: sigProxy && !connection.streams.isTerminal ? AttachedStart.signals : [],
            redraws: true,
            hearsSize: AttachSession.noting(record.id, session.engine)
        )
        switch try await attached.run(givesInput: givesInput) {
        case .exited(let code): throw Failure(silent: code)
        case .detached: throw AttachSession.detached
        case .givenUp: throw AttachSession.givenUp
        case .inputEnded: return
        case .lost:
            throw Failure(
                "lost the connection to \(record.name): it was killed, or what it writes was not "
                    + "read for too long; `berth logs \(service)` has it"
            )
        }
    }
}
