import ContainerRuntime
import Reconciler
import Supervisor

/// The project's supervisor as a walk needs it.
struct SupervisorControl: ContainerControl {
    let client: SupervisorClient

    func start(_ id: ContainerID) async throws { try await client.start(id) }

    func stop(_ id: ContainerID, grace: Duration?) async throws {
        try await client.stop(id, grace: grace)
    }

    func restart(_ id: ContainerID, grace: Duration?) async throws {
        try await client.restart(id, grace: grace)
    }

    func finish() async throws { try await client.close() }

    func wait(for id: ContainerID, until condition: Condition) async throws -> WaitOutcome {
        switch try await client.wait(for: id, until: Self.words(condition)) {
        case .met where condition == .completedSuccessfully: .exited(code: 0)
        case .met: .met
        case .unhealthy(let probe):
            .unhealthy(probe.map { FailedCheck(exitCode: $0.exitCode, output: $0.output) })
        case .exited(let code): .exited(code: code)
        case .exitedAgain(let code, let times): .exitedAgain(code: code, times: times)
        case .noHealthcheck: .noHealthcheck
        }
    }

    private static func words(_ condition: Condition) -> WaitCondition {
        switch condition {
        case .running: .running
        case .healthy: .healthy
        case .ready: .ready
        case .completedSuccessfully: .gone
        }
    }
}
