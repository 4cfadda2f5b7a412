import ContainerRuntime
import Engine
import Glibc
import Linux
import SystemPackage
import Testing

@testable import Supervisor

@Suite("Supervisor", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
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

    @Test("one that is killed comes back with policy always")
    func comesBack() async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") { $0.restart = .always }
        try await supervisor.ask(.start(container: id))
        let first = try await bench.record(id).startedAt
        async let ended = supervisor.waited(id, until: .exited)
        try await supervisor.ask(.kill(container: id, signal: SIGKILL))
        #expect(try await ended == .exited(code: 137))
        #expect(try await supervisor.waited(id, until: .running) == .met)
        let record = try await bench.record(id)
        #expect(record.restartCount == 1)
        #expect(record.startedAt != first)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
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
            $0.healthcheck = Healthcheck(command: ["/bin/nslookup", "store", "127.0.0.11"])
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

@Suite("Supervisor process", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct SupervisorProcessTests {
    let bench: SupervisorBench
    init() async throws { bench = try await SupervisorBench() }

    /// Runs a supervisor in a task; returns when it listens.
    private func begin(
        calls: AsyncStream<CInt> = AsyncStream { $0.finish() }
    ) async -> Task<Void, any Error> {
        let (served, serve) = AsyncStream<Void>.makeStream()
        let bench = bench
        let process = Task {
            defer { serve.finish() }
            try await SupervisorProcess.supervise(
                bench.project,
                engine: bench.engine,
                command: bench.command,
                calls: calls,
                logger: bench.quiet
            ) {
                serve.finish()
            }
        }
        for await _ in served {}
        return process
    }

    private func client() -> SupervisorClient {
        SupervisorClient(
            project: bench.project,
            layout: bench.engine.layout,
            command: bench.command
        )
    }

    @Test("serves a client, keeps the lock, and ends with the last container and client")
    func life() async throws {
        let process = await begin()
        let layout = bench.engine.layout
        let client = client()
        let id = try await bench.container("exec sleep 1000")
        try await client.start(id)
        #expect(try FileLock.tryAcquire(layout.supervisorLock(bench.project)) == nil)
        #expect(try await client.ping().containers == 1)
        let events = try await client.events()
        try await client.stop(id, grace: .zero)
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next()?.kind == .exited(code: 137, restarting: false))
        await client.disconnect()
        try await process.value
        #expect(try FileLock.tryAcquire(layout.supervisorLock(bench.project)) != nil)
        #expect(access(layout.supervisorSocket(bench.project).string, F_OK) != 0)
    }

    @Test("a second one for the same project ends at once")
    func second() async throws {
        let first = await begin()
        let second = await begin()
        try await second.value
        let client = client()
        #expect(try await client.status().isEmpty)
        await client.disconnect()
        try await first.value
    }

    @Test("a socket that was removed is made again when somebody asks, and connections go on")
    func socketRemoved() async throws {
        let layout = bench.engine.layout
        let (calls, call) = AsyncStream.makeStream(of: CInt.self)
        let process = await begin(calls: calls)
        let former = client()
        let id = try await bench.container("exec sleep 1000")
        try await former.start(id)
        try removeTree(layout.run)
        call.yield(SIGHUP)
        let latter = client()
        while try await latter.statusIfSupervised() == nil { await Task.yield() }
        #expect(try await latter.status().map(\.container) == [id])
        #expect(try await former.status().map(\.container) == [id])
        #expect(access(layout.supervisorLock(bench.project).string, F_OK) == 0)
        try await latter.stop(id, grace: .zero)
        await former.disconnect()
        await latter.disconnect()
        try await process.value
    }

    @Test("a program that does not become a supervisor is an error that names its log")
    func doesNotStart() async throws {
        let client = client()
        let error = await #expect(throws: SupervisorError.self) { try await client.ping() }
        #expect(error?.kind == .unreachable)
        #expect(error?.description.contains("supervisor.log") == true)
    }
}
