import ArgumentParser
import KernelNames
import ContainerRuntime
import Engine
import Glibc
import Supervisor

extension ContainerGroup {
    /// Starts containers that are there.
    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start",
            abstract: "Start containers that do not run."
        )

        @Flag(name: .shortAndLong, help: "Show what it writes, and end with its exit code.")
        var attach = false

        @Flag(name: .shortAndLong, help: "Pass our input on.")
        var interactive = false

        @Option(
            name: .customLong("detach-keys"),
            help: ArgumentHelp("Keys that detach instead of ctrl-p,ctrl-q.", valueName: "keys")
        )
        var detachKeys: String?

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            guard attach || interactive else {
                var named = NamedContainers(containers)
                named.conclusion = "failed to start containers"
                return try await named.each { target in
                    try Self.check(target)
                    try await target.supervised { try await $0.start(target.record.id) }
                }
            }
            guard containers.count == 1, let name = containers.first else {
                throw Failure("you cannot start and attach multiple containers at once")
            }
            try await attach(to: try await NamedContainers.one(name))
        }

        private static func check(_ target: NamedContainers.Target) throws {
            guard !target.record.isPaused else {
                throw Failure(engine: "cannot start a paused container, try unpause instead")
            }
        }

        private func attach(to target: NamedContainers.Target) async throws {
            try Self.check(target)
            let keys = try DockerSettings().detachKeys(detachKeys)
            let streams = try target.record.spec.streams
            let givesInput = interactive && streams?.input ?? .none != .none
            guard !target.isAlive else {
                // It is there already: who attaches sees what it writes from now on.
                let connection = try await target.engine.attach(
                    to: target.record,
                    givesInput: givesInput
                )
                let session = AttachSession(
                    connection: connection,
                    detachKeys: keys,
                    proxiedSignals: connection.streams.isTerminal ? [] : AttachedStart.signals,
                    hearsSize: AttachSession.noting(target.record.id, target.engine)
                )
                return try await session.run(givesInput: givesInput).finish(of: target.record)
            }
            if givesInput, streams?.isTerminal == true, isatty(STDIN_FILENO) == 0 {
                throw Failure("the input device is not a TTY")
            }
            let client = try target.session.client(of: target.project)
            let start = AttachedStart(
                session: target.session,
                client: client,
                container: target.record,
                givesInput: givesInput,
                detachKeys: keys
            )
            let ending = try await start.run()
            await client.disconnect()
            try ending.finish(of: target.record)
        }
    }

    /// Ends containers and keeps them.
    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop",
            abstract: "Stop containers: by their stop signal, and by SIGKILL when the time is over."
        )

        @OptionGroup var options: StopOptions

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            let grace = options.grace
            let signal = try options.number()
            try await NamedContainers(containers).each { target in
                guard target.isAlive else { return }
                try await target.supervised {
                    try await $0.stop(target.record.id, grace: grace, signal: signal)
                }
            }
        }
    }

    /// Ends containers and starts them.
    struct Restart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restart",
            abstract: "Stop and start containers."
        )

        @OptionGroup var options: StopOptions

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            let grace = options.grace
            let signal = try options.number()
            try await NamedContainers(containers).each { target in
                try await target.supervised { client in
                    if signal != nil, target.isAlive {
                        try await client.stop(target.record.id, grace: grace, signal: signal)
                    }
                    try await client.restart(target.record.id, grace: grace)
                }
            }
        }
    }
}

/// How a container is asked to end.
struct StopOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The signal that asks it to end.", valueName: "signal"),
        completion: .list(Signal.names)
    )
    var signal: String?

    @Option(
        name: [.customShort("t"), .customLong("timeout"), .customLong("time")],
        parsing: .unconditional,
        help: ArgumentHelp("Seconds it has to end; -1 is for ever.", valueName: "seconds")
    )
    var timeout: Int?

    /// nil is the container's own.
    var grace: Duration? {
        timeout.map { .seconds($0 < 0 ? Int(Int32.max) : $0) }
    }

    func number() throws -> Int32? {
        guard let signal, !signal.isEmpty else { return nil }
        do { return try SignalOption.number(of: signal) } catch {
            throw Failure(engine: "\(error)")
        }
    }
}
