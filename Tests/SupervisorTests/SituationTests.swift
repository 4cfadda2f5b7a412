import Engine
import Testing

@testable import Supervisor

@Suite("Decisions about waits")
struct SituationTests {
    private func decide(
        _ condition: WaitCondition,
        _ state: ContainerLife.State,
        health: ContainerRecord.Health? = nil,
        hasHealthcheck: Bool = false,
        isSettled: Bool = true,
        endsInARow: Int = 0,
        failedProbe: ProbeResult? = nil
    ) -> String {
        var evidence = WaitEvidence()
        evidence.health = health
        evidence.hasHealthcheck = hasHealthcheck
        evidence.isSettled = isSettled
        evidence.endsInARow = endsInARow
        evidence.failedProbe = failedProbe
        let situation = Supervised.Situation(
            state: state,
            evidence: evidence,
            failure: nil,
            name: "c"
        )
        switch situation.decide(condition) {
        case .undecided: return "undecided"
        case .failed(let error): return "failed: \(error.kind)"
        case .result(.met): return "met"
        case .result(.unhealthy(nil)): return "unhealthy"
        case .result(.unhealthy(let probe?)): return "unhealthy: \(probe.output)"
        case .result(.exited(let code)): return "exited \(code)"
        case .result(.exitedAgain(let code, let times)): return "exited \(code), \(times) times"
        case .result(.noHealthcheck): return "no healthcheck"
        }
    }

    private let running = ContainerLife.State.running(since: .zero)

    @Test(
        "each condition in each state",
        arguments: [
            (.running, .idle(code: nil), "failed: notRunning"),
            (.running, .idle(code: 3), "exited 3"),
            (.running, .starting(next: .run, cancelled: false), "undecided"),
            (.running, .running(since: .zero), "met"),
            (.running, .stopping(since: .zero, next: .run), "undecided"),
            (.running, .waiting(code: 1), "undecided"),
            (.healthy, .running(since: .zero), "no healthcheck"),
            (.healthy, .idle(code: 1), "exited 1"),
            (.healthy, .waiting(code: 1), "undecided"),
            (.ready, .running(since: .zero), "met"),
            (.exited, .running(since: .zero), "undecided"),
            (.exited, .waiting(code: 7), "exited 7"),
            (.exited, .idle(code: 0), "exited 0"),
            (.gone, .waiting(code: 7), "undecided"),
            (.gone, .idle(code: 7), "exited 7"),
        ] as [(WaitCondition, ContainerLife.State, String)]
    )
    func table(condition: WaitCondition, state: ContainerLife.State, decision: String) {
        #expect(decide(condition, state) == decision)
    }

    @Test(
        "who waits until it is ready or healthy gives up one that ends again and again",
        arguments: [
            (.ready, 7, "undecided"), (.ready, 8, "exited 3, 8 times"),
            (.healthy, 7, "undecided"), (.healthy, 9, "exited 3, 9 times"),
            // A job that is tried again until it succeeds may take as long as it likes.
            (.gone, 100, "undecided"), (.running, 100, "undecided"),
        ] as [(WaitCondition, Int, String)]
    )
    func again(condition: WaitCondition, times: Int, decision: String) {
        #expect(decide(condition, .waiting(code: 3), endsInARow: times) == decision)
    }

    @Test("one that has run for a moment only is not ready yet, unless its health check says so")
    func settled() {
        #expect(decide(.ready, running, isSettled: false) == "undecided")
        #expect(decide(.running, running, isSettled: false) == "met")
        #expect(
            decide(.ready, running, health: .healthy, hasHealthcheck: true, isSettled: false)
                == "met"
        )
    }

    @Test("an unhealthy one comes with what its check said")
    func failedProbe() {
        let probe = ProbeResult(
            started: Timestamp(nanoseconds: 0),
            ended: Timestamp(nanoseconds: 1),
            exitCode: 1,
            output: "no route"
        )
        #expect(
            decide(.healthy, running, health: .unhealthy, hasHealthcheck: true, failedProbe: probe)
                == "unhealthy: no route"
        )
    }

    @Test(
        "health decides where there is a check",
        arguments: [
            (ContainerRecord.Health.starting, "undecided"), (.healthy, "met"),
            (.unhealthy, "unhealthy"),
        ]
    )
    func health(health: ContainerRecord.Health, decision: String) {
        #expect(decide(.healthy, running, health: health, hasHealthcheck: true) == decision)
        #expect(decide(.ready, running, health: health, hasHealthcheck: true) == decision)
        #expect(decide(.running, running, health: health, hasHealthcheck: true) == "met")
    }
}
