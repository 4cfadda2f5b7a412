import ContainerRuntime
import Engine
import Linux
import Testing
import TestSupport

@testable import Supervisor

@Suite(
    "Health under a supervisor",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct SupervisorHealthTests {
    let bench: SupervisorBench
    init() async throws { bench = try await SupervisorBench() }

    @Test("health goes from starting to healthy to unhealthy, with its last answers kept")
    func health() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("while :; do sleep 0.05; done") {
            var check = Healthcheck(command: ["/bin/sh", "-c", "echo asked; test -e /tmp/ok"])
            check.interval = .milliseconds(100)
            check.retries = 2
            $0.healthcheck = check
        }
        try await supervisor.ask(.start(container: id))
        guard case .unhealthy(let probe?) = try await supervisor.waited(id, until: .healthy) else {
            throw SupervisorError(.protocolViolation, "not unhealthy, or without an answer")
        }
        #expect(probe.output == "asked\n")
        #expect(probe.exitCode == 1)
        let folder = bench.engine.layout.container(id.text)
        let log = try #require(try HealthLog.read(from: folder))
        #expect(log.probes.last?.exitCode == 1)
        #expect(log.probes.last?.output == "asked\n")
        #expect(try await bench.record(id).health == .unhealthy)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(try await bench.record(id).health == nil)
    }

    @Test("a check that takes too long is a failure that says so")
    func healthTimeout() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("while :; do sleep 0.05; done") {
            var check = Healthcheck(command: ["/bin/sleep", "1000"])
            check.interval = .milliseconds(10)
            check.timeout = .milliseconds(50)
            check.retries = 1
            $0.healthcheck = check
        }
        try await supervisor.ask(.start(container: id))
        guard case .unhealthy(let probe?) = try await supervisor.waited(id, until: .ready) else {
            throw SupervisorError(.protocolViolation, "not unhealthy, or without an answer")
        }
        #expect(probe.exitCode == -1)
        let log = try HealthLog.read(from: bench.engine.layout.container(id.text))
        #expect(log?.probes.last?.exitCode == -1)
        #expect(log?.probes.last?.output.hasPrefix("Health check exceeded timeout") == true)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
    }
}
