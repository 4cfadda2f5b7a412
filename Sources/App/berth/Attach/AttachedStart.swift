import ContainerRuntime
import Engine
import Glibc
import Supervisor

/// Starts a container with us attached from its first byte on, and stays until it has ended.
struct AttachedStart {
    let session: Session
    let client: SupervisorClient
    let container: ContainerRecord
    var givesInput: Bool
    var detachKeys = DetachKeys.standard
    /// Signals that reach us are meant for the program, unless it has a terminal.
    var proxiesSignals = true
    var shown = AttachSession.Shown()

    private enum Event: Sendable {
        case started
        case attached(AttachConnection)
    }

    /// Gives how it ended once its end is written down, or that somebody has left it.
    /// - Throws: what kept it from being started.
    func run() async throws -> AttachSession.Ending {
        let (client, engine, container) = (client, session.engine, container)
        let givesInput = givesInput
        let ending = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                try await client.startAttended(container.id)
                return .started
            }
            group.addTask {
                .attached(
                    try await engine.attach(
                        toStarting: container.id,
                        name: container.name,
                        givesInput: givesInput
                    )
                )
            }
            defer { group.cancelAll() }
            guard case .attached(let connection) = try await group.next() else {
                return AttachSession.Ending.lost
            }
            try await client.attended(container.id)
            let ending = try await follow(connection)
            // One that could not be started ends for who is attached, too; the reason is here.
            _ = try await group.next()
            return ending
        }
        guard ending != .detached, ending != .givenUp else { return ending }
        return .exited(try await exitCode(after: ending))
    }

    private func follow(_ connection: AttachConnection) async throws -> AttachSession.Ending {
        try await AttachSession(
            connection: connection,
            detachKeys: detachKeys,
            proxiedSignals: !proxiesSignals || connection.streams.isTerminal ? [] : Self.signals,
            shown: shown,
            hearsSize: AttachSession.noting(container.id, session.engine)
        ).run(givesInput: givesInput)
    }

    private func exitCode(after ending: AttachSession.Ending) async throws -> Int32 {
        do {
            let code = try await client.end(of: container.id)
            if case .exited(let own) = ending { return own }
            return code
        } catch let error as SupervisorError {
            // It was removed with its end.
            guard case .exited(let code) = ending else { throw error }
            return code
        }
    }

    /// What docker passes on, without what a terminal uses for itself.
    static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM]
}
