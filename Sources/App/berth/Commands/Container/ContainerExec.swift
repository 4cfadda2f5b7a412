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

        @Flag(name: .shortAndLong, help: "Return when the command runs; what it writes is lost.")
        var detach = false

        @Option(
            name: .customLong("detach-keys"),
            help: ArgumentHelp("Keys that detach instead of ctrl-p,ctrl-q.", valueName: "keys")
        )
        var detachKeys: String?

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp("Set a variable; NAME alone takes ours.", valueName: "name=value")
        )
        var env: [String] = []

        @Option(
            name: .customLong("env-file"),
            parsing: .singleValue,
            help: ArgumentHelp("Set the variables of a file.", valueName: "path"),
            completion: .file()
        )
        var envFile: [String] = []

        @Flag(name: .shortAndLong, help: "Pass our input on.")
        var interactive = false

        @Flag(help: .hidden)
        var privileged = false

        @Flag(name: .shortAndLong, help: "Give the command a terminal.")
        var tty = false

        @Option(name: .shortAndLong, help: ArgumentHelp("Run as this user.", valueName: "user"))
        var user: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Working directory inside.", valueName: "path")
        )
        var workdir: String?

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
        var command: [String] = []

        func run() async throws {
            try PassThrough.check(container)
            guard !command.isEmpty else {
                throw Failure("docker: 'docker exec' requires at least 2 arguments")
            }
            guard !privileged else {
                throw Failure(
                    "berth does not carry out `--privileged` of `exec`: the command has the rights "
                        + "of its container; give them to that",
                    exitCode: 125
                )
            }
            if tty, interactive, !detach, isatty(STDIN_FILENO) == 0 {
                throw Failure("the input device is not a TTY")
            }
            let target = try await NamedContainers.one(container)
            try target.checkRuns()
            guard !target.record.isPaused else {
                throw Failure(
                    engine: "Container \(target.record.id.text) is paused, unpause the container "
                        + "before exec"
                )
            }
            let environment = Machine.environment()
            var request = ExecRequest(arguments: command)
            let fromFiles = try envFile.flatMap { try RawEnvFile.lines(of: $0) }
            request.environment = (fromFiles + env).map { EnvironmentChange($0, from: environment) }
            request.user = user
            request.workingDirectory = workdir
            try await ExecSession(
                request: request,
                isDetached: detach,
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
                redraws: true
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
