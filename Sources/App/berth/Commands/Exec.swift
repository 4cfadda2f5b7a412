import ArgumentParser
import ContainerRuntime
import Engine
import Glibc

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

    @OptionGroup var flags: ExecFlags

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

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @Argument(help: "The service.", completion: .services)
    var service: String

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String]

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("exec needs a command") }
        try flags.inside.checkVariables()
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
        try await ExecSession(
            request: flags.request(command, from: scope.environment),
            isDetached: flags.detach,
            hasTerminal: wantsTerminal,
            givesInput: interactive
        ).run(in: record, session.engine)
    }

    private var wantsTerminal: Bool {
        !noTTY && isatty(STDIN_FILENO) == 1 && (tty || Terminal.isInteractive(.out))
    }
}
