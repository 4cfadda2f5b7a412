import ContainerRuntime
import Engine
import Glibc
import Linux
import Synchronization
import SystemPackage
import Testing

@testable import Supervisor

/// Folders of a test's own in which somebody may listen as the supervisor of project `p`.
private final class Place: Sendable {
    let folder: FilePath
    let layout: Layout

    init() throws {
        let number = UInt32.random(in: .min ... .max)
        folder = FilePath("/tmp/berth-test-\(number)")
        layout = Layout(root: folder.appending("root"), run: folder.appending("run"))
        try makeDirectories(layout.projectRun("p"))
        try makeDirectories(layout.projectLocks("p"))
    }

    deinit {
        do { try removeTree(folder) } catch { Issue.record(error) }
    }

    func client(
        patience: Duration = .seconds(5),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) -> SupervisorClient {
        SupervisorClient(
            project: "p",
            layout: layout,
            command: SupervisorCommand(program: "/bin/false", environment: []),
            patience: patience,
            notice: notice
        )
    }
}

@Suite("A client of the supervisor", .timeLimit(.minutes(1)))
struct ClientTests {
    @Test("who is not trusted is cut off before anything is heard", arguments: [true, false])
    func peers(isTrusted: Bool) async throws {
        let place = try Place()
        let listener = try UnixListener(at: place.layout.supervisorSocket("p"))
        let server = ControlServer(
            trusts: { peer in
                #expect(peer.pid == getpid())
                #expect(peer.uid == geteuid())
                return isTrusted
            },
            answer: { _ in .status([]) },
            events: { AsyncStream { $0.finish() } },
            admit: { true },
            left: {}
        )
        let serving = Task { try await server.serve(listener) }
        let link = SupervisorLink(
            try UnixConnection.connect(to: place.layout.supervisorSocket("p"))
        )
        let linked = Task { await link.run() }
        if isTrusted {
            #expect(try await link.ask(.status) == .status([]))
        } else {
            await #expect(throws: SupervisorLink.Lost.self) { try await link.ask(.status) }
        }
        link.close()
        await linked.value
        serving.cancel()
        _ = await serving.result
    }

    @Test(
        "a supervisor of another state folder is refused, with what to do",
        arguments: [true, false]
    )
    func foreign(asks: Bool) async throws {
        let place = try Place()
        let listener = try UnixListener(at: place.layout.supervisorSocket("p"))
        let server = ControlServer(
            answer: { verb in
                guard case .ping = verb else {
                    return .failed(SupervisorError(.unknownContainer, "no such container"))
                }
                return .pong(
                    ProcessStatus(
                        processID: 7,
                        version: ControlProtocol.version,
                        containers: 0,
                        clients: 1,
                        stateFolder: "/other"
                    )
                )
            },
            events: { AsyncStream { $0.finish() } },
            admit: { true },
            left: {}
        )
        let serving = Task { try await server.serve(listener) }
        let client = place.client()
        let error = await #expect(throws: SupervisorError.self) {
            if asks { _ = try await client.ping() } else { try await client.start(.random()) }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.description.contains("belongs to the state folder /other") == true)
        #expect(error?.description.contains("set BERTH_RUN, too") == true)
        await client.disconnect()
        serving.cancel()
        _ = await serving.result
    }

    @Test("a supervisor that is stopped by a signal is named, with what to do")
    func stopped() async throws {
        let place = try Place()
        // Listens, and never answers.
        let listener = try UnixListener(at: place.layout.supervisorSocket("p"))
        let sleeper = try spawn(SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"]))
        let mark = "\(sleeper.pid) \(try ProcessStat(of: sleeper.pid).startTime())\n"
        try atomicWrite(
            Array(mark.utf8),
            to: place.layout.supervisorLock("p"),
            mode: 0o600,
            synced: false
        )
        try sleeper.signal(SIGSTOP)
        let (notices, note) = AsyncStream.makeStream(of: String.self)
        let client = place.client(patience: .milliseconds(10)) { note.yield($0) }
        let asking = Task { try await client.status() }
        var iterator = notices.makeAsyncIterator()
        let notice = try #require(await iterator.next())
        #expect(notice.contains("the supervisor of project p (process \(sleeper.pid))"))
        #expect(notice.contains("`kill -CONT \(sleeper.pid)`"))
        asking.cancel()
        await client.disconnect()
        _ = await asking.result
        try sleeper.signal(SIGKILL)
        _ = try await sleeper.exitStatus()
        withExtendedLifetime(listener) {}
    }

    @Test(
        "whoever leaves waits for the end of a supervisor without work, unless others come to it",
        arguments: [(clients: 2, containers: 0), (1, 1), (1, 0)]
    )
    func leaves(clients: Int, containers: Int) async throws {
        let place = try Place()
        let listener = try UnixListener(at: place.layout.supervisorSocket("p"))
        let process = try spawn(SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"]))
        let isNeeded = clients > 1 || containers > 0
        let pings = Mutex(0)
        // Alone with the client that leaves when that asks first, and not any more when it asks again.
        let server = ControlServer(
            answer: { verb in
                guard case .ping = verb else { return .status([]) }
                let number = pings.withLock { count in
                    count += 1
                    return count
                }
                if !isNeeded, number == 3 {
                    // `try?`: one that has ended is what is wanted.
                    _ = try? process.signal(SIGKILL)
                }
                return .pong(
                    ProcessStatus(
                        processID: process.pid,
                        version: ControlProtocol.version,
                        containers: number == 1 ? 0 : containers,
                        clients: number == 1 ? 1 : clients
                    )
                )
            },
            events: { AsyncStream { $0.finish() } },
            admit: { true },
            left: {}
        )
        let serving = Task { try await server.serve(listener) }
        let client = place.client()
        #expect(try await client.status().isEmpty)
        try await client.close()
        #expect(pings.withLock(\.self) == (isNeeded ? 2 : 3))
        #expect(try process.reap() == nil ? isNeeded : !isNeeded)
        serving.cancel()
        _ = await serving.result
        guard isNeeded else { return }
        try process.signal(SIGKILL)
        _ = try await process.exitStatus()
    }

    @Test("looking for a supervisor starts none")
    func onlyLooks() async throws {
        let place = try Place()
        let client = place.client()
        #expect(try await client.statusIfSupervised() == nil)
        await client.disconnect()
    }
}
