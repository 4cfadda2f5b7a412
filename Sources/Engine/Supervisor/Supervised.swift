import ContainerRuntime
import Engine

/// What the supervisor has of one container. Used on the actor only.
final class Supervised {
    let id: ContainerID
    let name: String
    let spec: ContainerSpec
    var life: ContainerLife
    /// While it runs.
    var running: RunningContainer?
    /// While it runs on networks of ours.
    var names: NameServing?
    /// While it runs and has a health check.
    var health: ContainerRecord.Health?
    var probes: [ProbeResult] = []
    /// Why the last start failed.
    var failure: SupervisorError?
    var waiters: [Int: Waiter] = [:]
    /// The launch under way, to be cancelled by a stop.
    var launch: Task<Launched, any Error>?
    /// The descriptors of a start are counted for it.
    var isLaunching = false
    var graceTimer: Task<Void, Never>?
    /// When that timer ends, by the supervisor's clock.
    var graceEnd: Duration?
    var backoffTimer: Task<Void, Never>?
    var healthLoop: Task<Void, Never>?
    /// The last of the things that have to happen in order, and how many they are.
    var tail: Task<Void, Never>?
    var queued = 0

    init(id: ContainerID, name: String, spec: ContainerSpec, life: ContainerLife) {
        self.id = id
        self.name = name
        self.spec = spec
        self.life = life
    }

    /// Somebody who waits, and for what.
    struct Waiter {
        var decide: @Sendable (Situation) -> Decision
        var continuation: CheckedContinuation<WaitResult, any Error>
    }

    /// What a waiter judges by.
    struct Situation: Sendable {
        var state: ContainerLife.State
        var health: ContainerRecord.Health?
        var hasHealthcheck: Bool
        /// It runs for so long that it is not taken for a program that ends at once.
        var isSettled = true
        /// How often it ended before it ran for long, since it did or since somebody asked for it.
        var endsInARow = 0
        /// The newest answer of the health check that was a failure.
        var failedProbe: ProbeResult?
        var failure: SupervisorError?
        var name: String
    }

    enum Decision: Sendable {
        case undecided
        case result(WaitResult)
        case failed(SupervisorError)
    }

    /// A program that lives this long counts as running for whoever waits until it is ready:
    /// docker compose looks for the first time after it.
    static let settledAfter: Duration = .milliseconds(500)
    /// So many short runs in a row are a failure for whoever waits until it is ready or healthy. With
    /// the delays between them it has tried for a quarter of a minute, as what waits for its database does.
    static let hopelessAfter = 8

    /// How long it still has to run before it is settled; zero when it is, or does not run.
    func unsettled(at now: Duration) -> Duration {
        guard case .running(let since) = life.state else { return .zero }
        return max(since + Self.settledAfter - now, .zero)
    }

    /// What there is to judge by at a reading of the supervisor's clock.
    func situation(at now: Duration) -> Situation {
        Situation(
            state: life.state,
            health: health,
            hasHealthcheck: spec.healthcheck != nil,
            isSettled: unsettled(at: now) == .zero,
            endsInARow: life.backoff.shortRuns,
            failedProbe: probes.last { $0.exitCode != 0 },
            failure: failure,
            name: name
        )
    }
}

extension Supervised.Situation {
    /// Whether a condition holds, or cannot hold any more.
    func decide(_ condition: WaitCondition) -> Supervised.Decision {
        switch (condition, state) {
        case (_, .idle(code: nil)):
            .failed(
                failure ?? SupervisorError(.notRunning, "container \(name) was never started")
            )
        case (.gone, .idle(let code?)), (.exited, .idle(let code?)), (.exited, .waiting(let code)):
            .result(.exited(code: code))
        case (.gone, _), (.exited, _): .undecided
        case (_, .idle(let code?)): .result(.exited(code: code))
        case (.running, .running): .result(.met)
        case (.healthy, .running): healthDecision ?? .result(.noHealthcheck)
        case (.ready, .running): healthDecision ?? (isSettled ? .result(.met) : .undecided)
        case (.ready, .waiting(let code)), (.healthy, .waiting(let code)):
            endsInARow < Supervised.hopelessAfter
                ? .undecided : .result(.exitedAgain(code: code, times: endsInARow))
        case (_, .starting), (_, .stopping), (_, .waiting): .undecided
        }
    }

    /// nil without a health check.
    private var healthDecision: Supervised.Decision? {
        guard hasHealthcheck else { return nil }
        return switch health {
        case .healthy: .result(.met)
        case .unhealthy: .result(.unhealthy(failedProbe))
        case .starting, nil: .undecided
        }
    }

    /// Whether a start has succeeded or failed.
    var startDecision: Supervised.Decision {
        switch state {
        case .running: .result(.met)
        case .idle(let code):
            .failed(
                failure
                    ?? SupervisorError(
                        .stopped,
                        "container \(name) was stopped before it ran"
                            + (code.map { " (exit code \($0))" } ?? "")
                    )
            )
        // Ended at once, but its program did run.
        case .waiting: failure.map { .failed($0) } ?? .result(.met)
        case .starting(next: .stay, _), .stopping(_, next: .stay), .starting, .stopping: .undecided
        }
    }

    /// Whether nothing runs of what was to be stopped.
    var stopDecision: Supervised.Decision {
        switch state {
        case .idle, .waiting, .starting(next: .run, _): .result(.met)
        // Started again by somebody else: what was to be stopped has ended.
        case .running: .result(.met)
        case .starting(next: .stay, _), .stopping: .undecided
        }
    }
}
