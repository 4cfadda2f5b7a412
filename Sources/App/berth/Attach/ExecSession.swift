import ContainerRuntime
import Engine
import Glibc
import Linux

/// A further process in a running container, with our standard streams as its own.
struct ExecSession {
    let request: ExecRequest
    /// What it writes is lost, and we do not wait.
    var isDetached = false
    var hasTerminal = false
    var givesInput = true
    /// nil is what docker's settings say.
    var detachKeys: String?

    /// Ends as the process does.
    /// - Throws: a `Failure` with its exit code, or docker's for one that cannot be executed.
    func run(in record: ContainerRecord, _ engine: Engine) async throws {
        do {
            if isDetached {
                try await startDetached(in: record, engine)
            } else if hasTerminal {
                try await runOnTerminal(in: record, engine)
            } else {
                let (process, pumping) = try await start(in: record, engine)
                try await pass(to: process, pumping)
            }
        } catch let error as RuntimeError {
            throw Failure(error.description, exitCode: error.exitCode ?? 1)
        }
    }

    private func startDetached(
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
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws {
        let keys = try DockerSettings().detachKeys(detachKeys)
        let exec = try await engine.exec(
            request,
            in: container,
            streams: .terminal(size: AttachSession.size)
        )
        let process = exec.process
        guard let terminal = process.terminal else { preconditionFailure("it was asked for") }
        let attached = AttachSession(
            connection: terminal,
            detachKeys: keys,
            proxiedSignals: Self.signals
        )
        switch try await attached.run(givesInput: givesInput) {
        case .detached:
            _ = try await process.detach()
            throw AttachSession.detached
        case .givenUp: throw AttachSession.givenUp
        case .exited, .inputEnded, .lost: break
        }
        throw Failure(silent: try await exec.wait())
    }

    /// In a function of its own: when it returns, the process alone has the far ends of the pipes,
    /// so that their end is its end.
    private func start(
        in container: ContainerRecord,
        _ engine: Engine
    ) async throws -> (NotedProcess, ExecStreams.Pumping) {
        let streams = try ExecStreams(withInput: givesInput)
        let process = try await engine.exec(request, in: container, streams: streams.stdio)
        return (process, try streams.pump())
    }

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Signals that reach us are meant for the process; its exit code is ours.
    private func pass(to exec: NotedProcess, _ pumping: ExecStreams.Pumping) async throws {
        let code = try await withThrowingTaskGroup(of: Int32.self) { group in
            group.addTask { try await exec.wait() }
            group.addTask {
                let signals = try Signals.stream(Self.signals)
                // One that does not arrive comes too late: the other task says how it ended.
                for await signal in signals {
                    _ = try await exec.process.signal(signal)
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
