import ContainerRuntime
import Engine
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import Supervisor

@Suite("Supervisor", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct SupervisorTests {
    let bench: SupervisorBench
    init() async throws { bench = try await SupervisorBench() }

    @Test("starts, waits for the end and writes both down")
    func runs() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exit 7")
        try await supervisor.ask(.start(container: id))
        #expect(try await supervisor.waited(id, until: .gone) == .exited(code: 7))
        let record = try await bench.record(id)
        #expect(record.status == .exited)
        #expect(record.exitCode == 7)
        #expect(record.startedAt != nil)
        #expect(await supervisor.hasNothing)
    }

    @Test("a stop asks and a container that obeys ends with its own code")
    func stops() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container(
            "trap 'exit 3' TERM; > /ready; while :; do sleep 0.05; done"
        )
        try await supervisor.ask(.start(container: id))
        #expect(try await bench.record(id).status == .running)
        // Before it has said what it does with the signal, process 1 would ignore it.
        let ready = bench.engine.layout.container(id.text).appending("upper/ready")
        let deadline = ContinuousClock.now + .seconds(20)
        while access(ready.string, F_OK) != 0, ContinuousClock.now < deadline { await Task.yield() }
        try await supervisor.ask(.stop(container: id, graceMilliseconds: nil))
        let record = try await bench.record(id)
        #expect(record.exitCode == 3)
        #expect(record.desired == .stopped)
        // Stopped already: nothing to do, no error.
        try await supervisor.ask(.stop(container: id, graceMilliseconds: nil))
    }

    @Test("one that does not obey is killed after its grace, whatever its restart policy")
    func kills() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("trap '' TERM; while :; do sleep 1; done") {
            $0.restart = .always
        }
        try await supervisor.ask(.start(container: id))
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 100))
        #expect(try await bench.record(id).exitCode == 137)
        #expect(await supervisor.hasNothing)
    }

    @Test("starts and stops at the same time end in one state that the record has")
    func races() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") { $0.usesInit = true }
        await withTaskGroup { group in
            for number in 0..<20 {
                let verb: Request.Verb =
                    number.isMultiple(of: 2)
                    ? .start(container: id) : .stop(container: id, graceMilliseconds: 0)
                group.addTask { _ = await supervisor.answer(verb) }
            }
        }
        try await supervisor.ask(.start(container: id))
        #expect(try await bench.record(id).status == .running)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(try await bench.record(id).status == .exited)
    }

    @Test("on-failure starts again as often as it says")
    func onFailure() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exit 4") {
            $0.restart = .onFailure(maximumRetries: 2)
        }
        try await supervisor.ask(.start(container: id))
        #expect(try await supervisor.waited(id, until: .gone) == .exited(code: 4))
        let record = try await bench.record(id)
        #expect(record.restartCount == 2)
        #expect(record.exitCode == 4)
    }

    @Test("one that is killed by hand does not come back, whatever its policy")
    func killedByHand() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") { $0.restart = .always }
        try await supervisor.ask(.start(container: id))
        try await supervisor.ask(.kill(container: id, signal: SIGKILL))
        #expect(try await supervisor.waited(id, until: .gone) == .exited(code: 137))
        let record = try await bench.record(id)
        #expect(record.status == .exited && record.desired == .stopped)
        #expect(record.restartCount == 0)
    }

    @Test("the program of an attended start begins when somebody is attached, not before")
    func attendedStart() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("echo first; exit 5")
        async let started = supervisor.ask(.startAttended(container: id))
        let connection = try await bench.engine.attach(
            toStarting: id,
            name: "attended",
            givesInput: false
        )
        try await supervisor.ask(.attended(container: id))
        var (output, code): ([UInt8], Int32?) = ([], nil)
        while code == nil, let event = try await connection.next() {
            if case .output(let bytes) = event { output += bytes }
            if case .exited(let ended, _) = event { code = ended }
        }
        _ = try await started
        #expect(String(decoding: output, as: UTF8.self) == "first\n" && code == 5)
        #expect(try await supervisor.waited(id, until: .gone) == .exited(code: 5))
    }

    @Test("one that is to be removed at its end is gone soon after")
    func removesItself() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exit 3") { $0.isRemovedAtEnd = true }
        try await supervisor.ask(.start(container: id))
        let deadline = ContinuousClock.now + .seconds(10)
        while try await bench.engine.containers(ofProject: nil).contains(where: { $0.id == id }) {
            try #require(ContinuousClock.now < deadline, "it is not removed")
            await Task.yield()
        }
    }

    @Test("one that is paused stands still until it goes on, is killed or is stopped")
    func pauses() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("trap 'exit 7' TERM; while :; do sleep 0.01; done")
        try await supervisor.ask(.start(container: id))
        func refusal(_ verb: Request.Verb) async -> SupervisorError.Kind? {
            guard case .failed(let error) = await supervisor.answer(verb) else { return nil }
            return error.kind
        }
        #expect(await refusal(.unpause(container: id)) == .paused)
        try await supervisor.ask(.pause(container: id))
        #expect(try await bench.record(id).isPaused)
        #expect(await refusal(.pause(container: id)) == .paused)
        #expect(await refusal(.start(container: id)) == .paused)
        try await supervisor.ask(.unpause(container: id))
        #expect(try await !bench.record(id).isPaused)
        try await supervisor.ask(.pause(container: id))
        try await supervisor.ask(.kill(container: id, signal: SIGKILL))
        #expect(try await supervisor.waited(id, until: .gone) == .exited(code: 137))
        #expect(await refusal(.pause(container: id)) == .notRunning)
        try await supervisor.ask(.start(container: id))
        try await supervisor.ask(.pause(container: id))
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 60_000))
        let record = try await bench.record(id)
        // What it says depends on whether its program had set its trap.
        #expect(record.status == .exited && !record.isPaused)
    }

    @Test("a stop of one that waits to be started again ends the waiting, in its record too")
    func stopsWaiting() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exit 9") { $0.restart = .always }
        try await supervisor.ask(.start(container: id))
        // Not before its second run has ended: the wait after it is long enough to be found.
        for _ in 0..<2 { _ = try await supervisor.waited(id, until: .exited) }
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        let record = try await bench.record(id)
        #expect(record.status == .exited)
        #expect(record.desired == .stopped)
        #expect(await supervisor.hasNothing)
    }

    @Test("a program that is not there is an error in words with its code")
    func missingProgram() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("") { $0.process.arguments = ["/no/such/program"] }
        let error = await #expect(throws: SupervisorError.self) {
            try await supervisor.ask(.start(container: id))
        }
        #expect(error?.kind == .startFailed)
        #expect(error?.description.contains("/no/such/program") == true)
        #expect(try await bench.record(id).exitCode == 127)
        #expect(await supervisor.hasNothing)
    }

    @Test(
        "containers find each other by name, those that were adopted too",
        arguments: [false, true]
    )
    func names(adopted: Bool) async throws {
        let network = "\(bench.project)_default"
        _ = try await bench.engine.createNetwork(NetworkRequest(name: network))
        func attached(_ alias: String) -> NetworkMode {
            var attachment = NetworkAttachment(network: network)
            attachment.aliases = [alias]
            return .attached([attachment])
        }
        let store = try await bench.container("exec sleep 1000") { $0.network = attached("store") }
        let web = try await bench.container("exec sleep 1000") {
            $0.network = attached("web")
            var check = Healthcheck(command: ["/bin/nslookup", "store", "127.0.0.11"])
            check.interval = .milliseconds(200)
            $0.healthcheck = check
        }
        let supervisor = bench.supervisor()
        if adopted {
            for id in [store, web] { _ = try await bench.startUnattended(id) }
            await supervisor.adopt()
        } else {
            for id in [store, web] { try await supervisor.ask(.start(container: id)) }
        }
        #expect(try await supervisor.waited(web, until: .healthy) == .met)
        for id in [web, store] {
            try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        }
        try await bench.engine.removeContainers([web, store], withAnonymousVolumes: true)
        try await bench.engine.removeNetwork(named: network)
    }

    @Test("ten containers start at the same time")
    func parallel() async throws {
        let supervisor = bench.supervisor()
        var ids: [ContainerID] = []
        for _ in 0..<10 { ids.append(try await bench.container("exec sleep 1000")) }
        let started = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for id in ids {
                group.addTask { try await supervisor.ask(.start(container: id)) }
            }
            try await group.waitForAll()
        }
        print("ten starts: \(ContinuousClock.now - started)")
        try await withThrowingTaskGroup { group in
            for id in ids {
                group.addTask {
                    try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
                }
            }
            try await group.waitForAll()
        }
        #expect(await supervisor.hasNothing)
    }
}
