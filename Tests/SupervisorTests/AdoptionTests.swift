import ContainerRuntime
import Engine
import Glibc
import Linux
import Testing
import TestSupport

@testable import Supervisor

@Suite(
    "What a new supervisor takes over",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct AdoptionTests {
    let bench: SupervisorBench
    init() async throws { bench = try await SupervisorBench() }

    @Test("a new supervisor takes over what runs and ends it as asked")
    func adopts() async throws {
        let id = try await bench.container("exec sleep 1000") { $0.restart = .unlessStopped }
        let running = try await bench.startUnattended(id)
        let supervisor = bench.supervisor()
        await supervisor.adopt()
        #expect(try await supervisor.waited(id, until: .running) == .met)
        guard case .status(let list) = try await supervisor.ask(.status) else { return }
        #expect(list.map(\.state) == [.running(processID: running.initPID)])
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(try await bench.record(id).exitCode == 137)
    }

    @Test("an end that nobody saw is written down and followed by the policy")
    func adoptsEnded() async throws {
        let once = try await bench.container("exit 5")
        let again = try await bench.container("test -e /tmp/x && exec sleep 1000; touch /tmp/x") {
            $0.restart = .always
        }
        for id in [once, again] {
            _ = try await bench.startUnattended(id).wait()
            #expect(try await bench.record(id).status == .running)
        }
        let supervisor = bench.supervisor()
        await supervisor.adopt()
        #expect(try await supervisor.waited(again, until: .running) == .met)
        #expect(try await bench.record(once).exitCode == 5)
        #expect(try await bench.record(again).restartCount == 1)
        try await supervisor.ask(.stop(container: again, graceMilliseconds: 0))
    }

    @Test("a new supervisor goes on with the back-off of one that only waits")
    func adoptsWaiting() async throws {
        let id = try await bench.container("exit 6") { $0.restart = .always }
        let running = try await bench.startUnattended(id)
        let exit = try await running.wait()
        try await bench.engine.exited(id, exit, restarting: true)
        let supervisor = bench.supervisor()
        await supervisor.adopt()
        guard case .status(let list) = try await supervisor.ask(.status) else { return }
        #expect(list.map(\.restarts) == [1])
        #expect(try await supervisor.waited(id, until: .exited) == .exited(code: 6))
        while try await bench.record(id).restartCount == 0 { await Task.yield() }
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(await supervisor.hasNothing)
    }

    @Test("a restart that was begun is brought to its end, whatever the policy")
    func adoptsRestarting() async throws {
        let id = try await bench.container("exec sleep 1000")
        let running = try await bench.startUnattended(id)
        try bench.engine.signal(running, SIGKILL)
        try await bench.engine.exited(id, try await running.wait(), restarting: true)
        let supervisor = bench.supervisor()
        await supervisor.adopt()
        #expect(try await supervisor.waited(id, until: .running) == .met)
        #expect(try await bench.record(id).status == .running)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
    }

    @Test("a run whose end nobody saw is not one that never was, and no success")
    func unseenEnd() async throws {
        let id = try await bench.container("exit 0")
        _ = try await bench.startUnattended(id).wait()
        try await bench.engine.exited(id, nil, restarting: false)
        let record = try await bench.record(id)
        #expect(record.exitCode == nil)
        #expect(record.shownExitCode == 137)
        #expect(
            try await bench.supervisor().waited(id, until: .gone) == .exited(code: 137)
        )
    }
}
