import ContainerRuntime
import Engine
import Testing

@testable import Supervisor

@Suite("HealthProbe")
struct HealthProbeTests {
    private var check: Healthcheck {
        var check = Healthcheck(command: ["true"])
        check.interval = .seconds(10)
        check.retries = 2
        return check
    }

    @Test("one success is health")
    func success() {
        var probe = HealthProbe(check, startedAt: .zero)
        #expect(probe.health == .starting)
        #expect(probe.firstDelay == .seconds(10))
        #expect(probe.finished(succeeded: true, at: .seconds(10)) == .seconds(10))
        #expect(probe.health == .healthy)
    }

    @Test("failures in a row that are as many as the retries are bad health")
    func failures() {
        var probe = HealthProbe(check, startedAt: .zero)
        #expect(probe.finished(succeeded: false, at: .seconds(10)) == .seconds(10))
        #expect(probe.failures == 1 && probe.health == .starting)
        #expect(probe.finished(succeeded: false, at: .seconds(20)) == .seconds(10))
        #expect(probe.health == .unhealthy)
    }

    @Test("a success after failures heals, and failures in a row are needed again")
    func heals() {
        var probe = HealthProbe(check, startedAt: .zero)
        for second in [10, 20] {
            _ = probe.finished(succeeded: false, at: .seconds(second))
        }
        #expect(probe.health == .unhealthy)
        _ = probe.finished(succeeded: true, at: .seconds(30))
        #expect(probe.health == .healthy)
        _ = probe.finished(succeeded: false, at: .seconds(40))
        #expect(probe.health == .healthy)
        _ = probe.finished(succeeded: false, at: .seconds(50))
        #expect(probe.health == .unhealthy)
    }

    @Test("failures of the start period do not count; it asks at its own interval")
    func startPeriod() {
        var check = check
        check.startPeriod = .seconds(60)
        check.startInterval = .seconds(5)
        var probe = HealthProbe(check, startedAt: .zero)
        #expect(probe.firstDelay == .seconds(5))
        for second in stride(from: 5, to: 60, by: 5) {
            #expect(probe.finished(succeeded: false, at: .seconds(second)) == .seconds(5))
        }
        #expect(probe.health == .starting)
        #expect(probe.finished(succeeded: false, at: .seconds(60)) == .seconds(10))
        #expect(probe.failures == 1)
    }

    @Test("the first success ends the start period")
    func startPeriodEnds() {
        var check = check
        check.startPeriod = .seconds(60)
        var probe = HealthProbe(check, startedAt: .zero)
        #expect(probe.finished(succeeded: true, at: .seconds(5)) == .seconds(10))
        _ = probe.finished(succeeded: false, at: .seconds(15))
        #expect(probe.failures == 1)
    }

    @Test("retries of zero are one")
    func zeroRetries() {
        var check = check
        check.retries = 0
        var probe = HealthProbe(check, startedAt: .zero)
        _ = probe.finished(succeeded: false, at: .seconds(10))
        #expect(probe.health == .unhealthy)
    }

    @Test("a run found by a new supervisor keeps its health and asks at the interval")
    func resumes() {
        var probe = HealthProbe(resuming: check, startedAt: .zero, from: .healthy)
        #expect(probe.health == .healthy)
        #expect(probe.firstDelay == .seconds(10))
        _ = probe.finished(succeeded: false, at: .seconds(100))
        #expect(probe.health == .healthy)
        _ = probe.finished(succeeded: false, at: .seconds(110))
        #expect(probe.health == .unhealthy)
    }
}
