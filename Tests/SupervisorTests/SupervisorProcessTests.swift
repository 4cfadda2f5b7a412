import ContainerRuntime
import Engine
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import Supervisor

@Suite(
    "Supervisor process",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
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

    @Test("one that listens in another run folder is not called, and that folder is named")
    func otherRun() async throws {
        let layout = bench.engine.layout
        try makeDirectories(layout.projectLocks(bench.project))
        let lock = layout.supervisorLock(bench.project)
        let held = try FileLock.tryAcquire(lock)
        // This process, which a signal would end.
        try SupervisorMark.write(to: lock, run: "/elsewhere")
        let second = await begin()
        let error = await #expect(throws: SupervisorError.self) { try await second.value }
        #expect(error?.description.contains("BERTH_RUN=/elsewhere") == true)
        withExtendedLifetime(held) {}
    }

    @Test("a mark says where its supervisor listens, and those of earlier versions are read")
    func marks() throws {
        let lock = bench.folder.appending("mark")
        try atomicWrite(Array(try SupervisorMark.text().utf8), to: lock, synced: false)
        #expect(try SupervisorMark.holder(in: lock)?.pid == getpid())
        #expect(try SupervisorMark.runFolder(in: lock) == nil)
        for run in ["/a/long folder", "/b", "/" + String(repeating: "x", count: 4000)] {
            try SupervisorMark.write(to: lock, run: FilePath(run))
            #expect(try SupervisorMark.holder(in: lock)?.pid == getpid())
            let expected = run.count < 100 ? FilePath(run) : nil
            #expect(try SupervisorMark.runFolder(in: lock) == expected)
        }
    }

    /// What somebody does to the socket of a supervisor.
    enum Mischief: CaseIterable {
        case removed, file, link, folder, fullFolder

        func happen(to layout: Layout, _ project: String) throws {
            let socket = layout.supervisorSocket(project)
            guard self != .removed else { return try removeTree(layout.run) }
            try removeTree(socket)
            switch self {
            case .removed: break
            case .file: try atomicWrite([1], to: socket, synced: false)
            case .link: #expect(symlink("/nowhere", socket.string) == 0)
            case .folder: try makeDirectories(socket)
            case .fullFolder: try makeDirectories(socket.appending("a/b"))
            }
        }
    }

    @Test(
        "a socket that is gone, or has something else in its place, is made again when somebody asks",
        arguments: Mischief.allCases
    )
    func socketLost(mischief: Mischief) async throws {
        let layout = bench.engine.layout
        let (calls, call) = AsyncStream.makeStream(of: CInt.self)
        let process = await begin(calls: calls)
        let former = client()
        let id = try await bench.container("exec sleep 1000")
        try await former.start(id)
        try mischief.happen(to: layout, bench.project)
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
