import ArgumentParser
import ContainerRuntime
import Engine
import KernelNames
import Supervisor

extension ContainerGroup {
    /// Sends a signal to the first process of containers.
    struct Kill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "kill",
            abstract: "Send a signal to containers, SIGKILL unless told otherwise."
        )

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The signal: KILL, SIGHUP, 9.", valueName: "signal"),
            completion: .list(Signal.names)
        )
        var signal = "SIGKILL"

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            let wanted = signal.isEmpty ? "SIGKILL" : signal
            var named = NamedContainers(containers)
            named.preface = "cannot kill container"
            try await named.each { target in
                guard let number = Signal(wanted)?.number else {
                    throw Failure(engine: "invalid signal: \(wanted)")
                }
                let record = target.record
                guard target.isAlive else {
                    throw Failure(engine: "container \(record.id.text) is not running")
                }
                try await target.supervised { try await $0.kill(record.id, signal: number) }
            }
        }
    }

    /// Lets containers stand still.
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause",
            abstract: "Let the processes of containers stand still."
        )

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            try await NamedContainers(containers).each { target in
                let record = target.record
                try target.checkRuns()
                guard !record.isPaused else {
                    throw Failure(engine: "Container \(record.id.text) is already paused")
                }
                try await target.supervised { try await $0.pause(record.id) }
            }
        }
    }

    /// Lets them go on.
    struct Unpause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unpause",
            abstract: "Let the processes of paused containers go on."
        )

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            try await NamedContainers(containers).each { target in
                let record = target.record
                guard record.isPaused else {
                    throw Failure(engine: "Container \(record.id.text) is not paused")
                }
                try await target.supervised { try await $0.unpause(record.id) }
            }
        }
    }

    /// Waits for containers to end.
    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait",
            abstract: "Wait until containers have ended, and print their exit codes."
        )

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            // One after the other: the codes stand in the order of the names.
            var hasFailed = false
            for name in containers {
                do {
                    Terminal.line("\(try await Self.code(of: NamedContainers.one(name)))")
                } catch {
                    guard let failure = Failure(error) else { throw error }
                    failure.tell()
                    hasFailed = true
                }
            }
            if hasFailed { throw Failure(silent: 1) }
        }

        private static func code(of target: NamedContainers.Target) async throws -> Int32 {
            guard target.isAlive else { return target.record.shownExitCode }
            let client = try target.session.client(of: target.project)
            let code = try await client.end(of: target.record.id)
            await client.disconnect()
            return code
        }
    }
}

extension NamedContainers.Target {
    /// - Throws: docker's words for one that does not run.
    func checkRuns() throws {
        guard record.status != .running else { return }
        throw Failure(
            engine: record.status == .restarting
                ? "Container \(record.id.text) is restarting, wait until the container is running"
                : "container \(record.id.text) is not running"
        )
    }
}
