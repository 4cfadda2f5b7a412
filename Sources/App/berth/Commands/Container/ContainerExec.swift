import ArgumentParser
import ContainerRuntime
import Engine
import Glibc
import Linux

extension ContainerGroup {
    /// A further process in a running container.
    struct Exec: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "exec",
            abstract: "Run a command in a running container."
        )

        @OptionGroup var flags: ExecFlags

        @Option(
            name: .customLong("detach-keys"),
            help: ArgumentHelp("Keys that detach instead of ctrl-p,ctrl-q.", valueName: "keys")
        )
        var detachKeys: String?

        @OptionGroup var files: RawEnvFileFlag

        @Flag(name: .shortAndLong, help: "Pass our input on.")
        var interactive = false

        @Flag(name: .shortAndLong, help: "Give the command a terminal.")
        var tty = false

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
        var command: [String] = []

        func run() async throws {
            try PassThrough.check(container, of: "exec")
            guard !command.isEmpty else {
                throw DockerUsage.tooFew("Usage: docker exec [--detach] <container>")
            }
            try flags.inside.checkVariables()
            if tty, interactive, !flags.detach, isatty(STDIN_FILENO) == 0 {
                throw Failure("the input device is not a TTY")
            }
            let target = try await NamedContainers.one(container)
            try target.checkRuns()
            guard !target.record.isPaused else {
                throw Failure(
                    engine: "Container \(container) is paused, unpause the container "
                        + "before exec"
                )
            }
            try await ExecSession(
                request: flags.request(
                    command,
                    variables: try files.envFile.flatMap { try RawEnvFile.lines(of: $0) },
                    from: Machine.environment()
                ),
                isDetached: flags.detach,
                hasTerminal: tty,
                givesInput: interactive,
                detachKeys: detachKeys
            ).run(in: target.record, target.engine)
        }
    }

    /// Our terminal as that of a running container's first process.
    struct Attach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "attach",
            abstract: "Attach our terminal to a running container."
        )

        @OptionGroup var proxying: ProxyFlags

        @Flag(name: .customLong("no-stdin"), help: "Pass on nothing that is typed.")
        var noInput = false

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let target = try await NamedContainers.one(container)
            let record = target.record
            guard record.status == .running else {
                throw Failure(
                    record.status == .restarting
                        ? "You cannot attach to a restarting container, wait until it is running"
                        : "You cannot attach to a stopped container, start it first"
                )
            }
            guard !record.isPaused else {
                throw Failure("You cannot attach to a paused container, unpause it first")
            }
            let keys = try DockerSettings().detachKeys(proxying.detachKeys)
            let connection = try await target.engine.attach(to: record, givesInput: !noInput)
            let streams = connection.streams
            let givesInput = !noInput && streams.input != .none
            if givesInput, streams.isTerminal, isatty(STDIN_FILENO) == 0 {
                throw Failure("the input device is not a TTY")
            }
            let session = AttachSession(
                connection: connection,
                detachKeys: keys,
                proxiedSignals: proxying.sigProxy && !streams.isTerminal
                    ? AttachedStart.signals : [],
                redraws: true,
                hearsSize: AttachSession.noting(record.id, target.engine)
            )
            let ending = try await session.run(givesInput: givesInput)
            if ending == .detached { throw AttachSession.detached }
            try ending.finish(of: record)
        }
    }
}

/// Docker's `--env-file`: a variable a line, as it stands; `#` begins a comment.
enum RawEnvFile {
    static func lines(of path: String) throws -> [String] {
        let bytes = try readFile(try Machine.absolute(path), limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { String($0.drop { $0 == " " || $0 == "\t" }) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}
