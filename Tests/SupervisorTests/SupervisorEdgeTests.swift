import ContainerRuntime
import Engine
import Glibc
import Linux
import Testing
import TestSupport

@testable import Supervisor

@Suite(
    "A supervisor at the edges",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct SupervisorEdgeTests {
    let bench: SupervisorBench
    init() async throws { bench = try await SupervisorBench() }

    @Test(
        "who waits until it is ready hears of an end a moment after the start",
        arguments: [0, 2]
    )
    func endsAtOnce(code: Int32) async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("sleep 0.1; exit \(code)")
        try await supervisor.ask(.start(container: id))
        #expect(try await supervisor.waited(id, until: .ready) == .exited(code: code))
        let lasting = try await bench.container("exec sleep 1000")
        try await supervisor.ask(.start(container: lasting))
        #expect(try await supervisor.waited(lasting, until: .ready) == .met)
        try await supervisor.ask(.stop(container: lasting, graceMilliseconds: 0))
    }

    @Test("a stop that is under way is hastened, and never made longer")
    func hastens() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("trap '' TERM; while :; do sleep 1; done")
        try await supervisor.ask(.start(container: id))
        let began = ContinuousClock.now
        async let stopped: Reply = supervisor.ask(.stop(container: id, graceMilliseconds: 60_000))
        while await supervisor.statesOfAll != [.stopping] { await Task.yield() }
        try await supervisor.ask(.hasten(container: id, graceMilliseconds: 100))
        try await supervisor.ask(.hasten(container: id, graceMilliseconds: 90_000))
        #expect(try await stopped == .done)
        #expect(ContinuousClock.now - began < .seconds(30))
        #expect(try await bench.record(id).exitCode == 137)
    }

    @Test("more containers than there are descriptors for are refused with the limit's number")
    func descriptors() async throws {
        let budget = DescriptorBudget(
            limit: DescriptorBudget.reserved + DescriptorBudget.perStart
                + 2 * DescriptorBudget.perContainer
        )
        #expect(budget.capacity(hasHealthcheck: false) == 2)
        #expect(budget.capacity(hasHealthcheck: true) == 1)
        let supervisor = bench.supervisor(descriptorLimit: budget.limit)
        let one = try await bench.container("exec sleep 1000")
        let two = try await bench.container("exec sleep 1000")
        let three = try await bench.container("exec sleep 1000")
        // At the same time: one start waits for the descriptors of the other.
        async let first: Reply = supervisor.ask(.start(container: one))
        async let second: Reply = supervisor.ask(.start(container: two))
        #expect(try await [first, second] == [.done, .done])
        let error = await #expect(throws: SupervisorError.self) {
            try await supervisor.ask(.start(container: three))
        }
        #expect(error?.description.contains("\(budget.limit) files open") == true)
        #expect(error?.description.contains("about 2 such containers") == true)
        try await supervisor.ask(.stop(container: one, graceMilliseconds: 0))
        try await supervisor.ask(.start(container: three))
        for id in [two, three] {
            try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        }
        #expect(await supervisor.hasNothing)
    }

    @Test("one that is removed while it waits to be started again is let go of")
    func removedWhileWaiting() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exit 3") { $0.restart = .always }
        try await supervisor.ask(.start(container: id))
        while try await bench.record(id).status != .restarting { await Task.yield() }
        // As a `down` does that saw its end, and not yet that it is followed by a start.
        try await bench.engine.removeContainers([id], withAnonymousVolumes: true)
        while await !supervisor.hasNothing { await Task.yield() }
        #expect(try await bench.engine.audit().isEmpty)
    }

    @Test("one that comes up while it is being removed is ended")
    func removedWhileStarting() async throws {
        let id = try await bench.container("trap '' TERM; while :; do sleep 1; done")
        // Its supervisor has not written the start down yet.
        let running = try await bench.startUnrecorded(id)
        try await bench.engine.removeContainers([id], withAnonymousVolumes: true)
        _ = try await running.wait()
        let error = await #expect(throws: EngineError.self) { try await bench.record(id) }
        #expect(error?.kind == .notFound)
        #expect(try await bench.engine.audit().isEmpty)
    }

    @Test(
        "a start of one that runs, but whose files do not say so any more, restarts it",
        arguments: [
            "rm -rf .", "rm state", ": > state", "echo garbage > state; echo garbage > exit",
        ]
    )
    func lostFiles(damage: String) async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") { $0.usesInit = true }
        try await supervisor.ask(.start(container: id))
        let first = try #require(try await bench.engine.observe(id).initPID)
        let folder = bench.engine.layout.container(id.text)
        let script = "cd \(folder) && \(damage.replacing("rm -rf .", with: "rm -rf \(folder)"))"
        let shell = SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", script])
        #expect(try await spawn(shell).exitStatus() == .exited(code: 0))
        #expect(try await bench.engine.observe(id).record.status == .exited)
        try await supervisor.ask(.start(container: id))
        let second = try #require(try await bench.engine.observe(id).initPID)
        #expect(second != first)
        // A start of one that runs and says so changes nothing.
        try await supervisor.ask(.start(container: id))
        #expect(try await bench.engine.observe(id).initPID == second)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(await supervisor.hasNothing)
    }
}
