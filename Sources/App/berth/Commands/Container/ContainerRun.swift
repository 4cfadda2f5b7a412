import ArgumentParser
import ContainerRuntime
import Engine
import Glibc
import Supervisor

extension ContainerGroup {
    /// A container that belongs to no project, made and started.
    struct Run: StandaloneCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Run a command in a new container of an image.",
            discussion: """
                Words after the image are the command's. Ends with the command's exit code; 125 \
                where it could not be run, 126 where it cannot be executed, 127 where it is not \
                there.
                """,
            helpNames: .long
        )

        @OptionGroup var creation: CreationFlags
        @OptionGroup var process: ProcessFlags
        @OptionGroup var network: NetworkFlags
        @OptionGroup var storage: StorageFlags
        @OptionGroup var limits: LimitFlags
        @OptionGroup var fixedLimits: FixedLimitFlags
        @OptionGroup var isolation: IsolationFlags
        @OptionGroup var health: HealthFlags
        @OptionGroup var labels: LabelFlags
        @OptionGroup var attachment: AttachmentFlags

        @Flag(name: .shortAndLong, help: "Return when it runs, and print its identifier.")
        var detach = false

        @OptionGroup var proxying: ProxyFlags

        @Argument(help: "The image.", completion: .images)
        var image: String

        @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
        var command: [String] = []

        func run() async throws {
            try PassThrough.check(image, of: "run")
            do { try await carryOut() } catch { throw Self.ending(error) }
        }

        private func carryOut() async throws {
            let attached = try attachment.streams(detaches: detach)
            for device in flags.isolation.device {
                guard let reason = DockerValueRules.missingDevice(device) else { continue }
                var failure = Failure(engine: reason)
                failure.exitCode = 127
                throw failure
            }
            let givesInput = !detach && process.interactive && attached.input
            if givesInput, process.tty, isatty(STDIN_FILENO) == 0 {
                throw Failure("the input device is not a TTY")
            }
            let keys = try DockerSettings().detachKeys(proxying.detachKeys)
            let session = try Session.open()
            let client = try session.client(of: Layout.standaloneProject)
            await client.prepare()
            let container = try await StandaloneContainer(
                session: session,
                flags: flags,
                image: image,
                command: command
            ).make(input: process.interactive ? (givesInput ? .once : .open) : .none)
            guard !detach else {
                // Before it is started, as docker does: also one that cannot be is there.
                Terminal.line(container.id.text)
                try await session.starting(container, removes: creation.removes) {
                    try await client.start(container.id)
                }
                return await client.disconnect()
            }
            var start = AttachedStart(
                session: session,
                client: client,
                container: container,
                givesInput: givesInput,
                detachKeys: keys
            )
            start.proxiesSignals = proxying.sigProxy
            start.shown = attached.shown
            let ending = try await session.starting(container, removes: creation.removes) {
                try await start.run()
            }
            await client.disconnect()
            try ending.finish(of: container)
        }

        /// Docker's exit codes: 125 for what is not the program's, with where to read more.
        private static func ending(_ error: any Error) -> any Error {
            guard var failure = Failure(error), !failure.lines.isEmpty, !failure.isUsageError else {
                return error
            }
            let isPlain = failure.exitCode == 1 && !failure.refusedByEngine
            if isPlain { return failure }
            failure.exitCode =
                (error as? SupervisorError)?.codeOfProgram ?? max(failure.exitCode, 125)
            guard Invocation.calledAsDocker else { return failure }
            let preface = failure.refusedByEngine ? "Error response from daemon: " : ""
            failure.refusedByEngine = false
            failure.lines[0] = "docker: \(preface)\(failure.lines[0])"
            failure.lines += ["", "Run 'docker run --help' for more information"]
            return failure
        }
    }
}

/// The first word after the flags of a command whose further words are another program's.
enum PassThrough {
    /// Refuses a flag that the command does not have: the argument parser takes it for the word.
    static func check(_ word: String, of command: String) throws {
        guard word.hasPrefix("-"), word != "-" else { return }
        if let refusal = MissingFlags.refusal(of: word, ofDocker: command) { throw refusal }
        if word.hasPrefix("--") {
            throw Failure(usage: "unknown flag: \(word.prefix { $0 != "=" })")
        }
        throw Failure(
            usage: "unknown shorthand flag: '\(word.dropFirst().prefix(1))' in \(word)"
        )
    }
}
