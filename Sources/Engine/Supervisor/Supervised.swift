import ContainerRuntime
import Engine

/// What the supervisor has of one container. Used on the actor only.
final class Supervised {
    let id: ContainerID
    var name: String
    var spec: ContainerSpec
    var life: ContainerLife
    /// While it runs.
    var running: RunningContainer?
    /// What its last start had to leave out.
    var warnings: [String] = []
    /// While it runs on networks of ours.
    var names: NameServing?
    /// How it is connected; nil while it does not run.
    var wiring: Wiring?
    /// How it could not be connected: not tried again before somebody asks for it.
    var refusedWiring: Wiring?
    /// The host's side of its ports, while it runs.
    var ports = HeldPorts()
    /// Those that others have taken while no supervisor held them.
    var lostPorts: [LostPort] = []
    /// Its ports that lead from IPv6 to IPv4, while it runs.
    var relays: PortRelays?
    /// While it runs and has a health check.
    var health: ContainerRecord.Health?
    var probes: [ProbeResult] = []
    /// What was done with it since it was unhealthy, in this run or one before.
    var intervention: HealthIntervention?
    /// Why its processes do not stand still, or do not go on.
    var freezeFailure: String?
    /// Its end was asked for by a stop or a restart, not by a signal alone.
    var isStopped = false
    /// The connection that its start made to its log server, until its lines are sent over it.
    var logServer: LogSink?
    /// Why the last start failed.
    var failure: SupervisorError?
    var waiters: [Int: Waiter] = [:]
    /// The launch under way, to be cancelled by a stop.
    var launch: Task<Launched, any Error>?
    /// Who wants to be attached before the program of the next launch begins.
    var arrival: Arrival?
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
        var continuation: CheckedContinuation<WaitOutcome, any Error>
    }

    /// What a waiter judges by.
    struct Situation: Sendable {
        var state: ContainerLife.State
        var evidence: WaitEvidence
        var failure: SupervisorError?
        var name: String
    }

    enum Decision: Sendable {
        case undecided
        case result(WaitOutcome)
        case failed(SupervisorError)
    }

    /// A program that lives this long counts as ready: docker compose looks for the first time
    /// after it.
    static let settledAfter: Duration = .milliseconds(500)

    /// How long it still has to run before it is settled; zero when it is, or does not run.
    func unsettled(at now: Duration) -> Duration {
        guard case .running(let since) = life.state else { return .zero }
        return max(since + Self.settledAfter - now, .zero)
    }

    /// What there is to judge by at a reading of the supervisor's clock.
    func situation(at now: Duration) -> Situation {
        var evidence = WaitEvidence()
        evidence.hasHealthcheck = spec.healthcheck != nil
        evidence.health = health
        evidence.isSettled = unsettled(at: now) == .zero
        evidence.endsInARow = life.backoff.shortRuns
        evidence.failedProbe = probes.last { $0.exitCode != 0 }
        return Situation(state: life.state, evidence: evidence, failure: failure, name: name)
    }
}

extension Supervised.Situation {
    /// Whether a condition holds, or cannot hold any more.
    func decide(_ condition: WaitCondition) -> Supervised.Decision {
        guard state != .idle(code: nil) else {
            return .failed(
                failure ?? SupervisorError(.notRunning, "container \(name) was never started")
            )
        }
        return condition.outcome(in: state.phase, by: evidence).map { .result($0) } ?? .undecided
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
