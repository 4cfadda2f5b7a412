import ContainerRuntime
package import Engine
import Glibc
import Linux
package import Logging
import SystemPackage

/// The process `berth supervise PROJECT`: one per project, from the first start of a container to
/// the end of the last one.
package enum SupervisorProcess {
    /// Supervises a project until nothing of it runs and no client is connected. Returns at once
    /// when another process does it already.
    ///
    /// `command` is how keepers start the next one should this one be killed.
    package static func run(
        project: String,
        engine: Engine,
        command: SupervisorCommand,
        logger: Logger
    ) async throws {
        // A client or keeper that is gone is an error of its write, not the end of this process.
        signal(SIGPIPE, SIG_IGN)
        let pipe = ReadyPipe()
        try makeDirectories(engine.layout.projectRun(project))
        try SupervisorLog.adopt(SupervisorLog.path(of: project, in: engine.layout))
        try await supervise(project, engine: engine, command: command, logger: logger) {
            try pipe.tell()
        }
    }

    /// What `run` does once the process is set up; `ready` is called as soon as somebody, this
    /// process or another, listens for the project.
    static func supervise(
        _ project: String,
        engine: Engine,
        command: SupervisorCommand,
        logger: Logger,
        ready: () throws -> Void
    ) async throws {
        let layout = engine.layout
        try makeDirectories(layout.projectRun(project))
        // Held while somebody begins or ends: with it, a taken lock means that its holder listens.
        let turnstile = layout.projectRun(project).appending("supervisor.turnstile")
        var turn: FileLock? = try await FileLock.acquire(turnstile)
        var lock = try FileLock.tryAcquire(layout.supervisorLock(project))
        guard lock != nil else { return try ready() }
        try mark(layout.supervisorLock(project))
        var listener: UnixListener? = try UnixListener(at: layout.supervisorSocket(project))
        let supervisor = Supervisor(
            project: project,
            engine: engine,
            command: command,
            logger: logger
        )
        await supervisor.adopt()
        let serving = serve(supervisor, on: listener)
        try ready()
        repeat {
            turn = nil
            await supervisor.untilIdle()
            turn = try await FileLock.acquire(turnstile)
        } while await !supervisor.retire()
        serving.cancel()
        await serving.value
        // In this order, so that whoever comes next finds nobody listening and the lock free.
        listener = nil
        lock = nil
        withExtendedLifetime((listener, lock, turn)) {
            logger.info("nothing left to supervise", metadata: ["project": "\(project)"])
        }
    }

    private static func serve(
        _ supervisor: Supervisor,
        on listener: UnixListener?
    ) -> Task<Void, Never> {
        let server = ControlServer(
            answer: { await supervisor.answer($0) },
            events: { await supervisor.events() },
            admit: { await supervisor.admit() },
            left: { await supervisor.clientLeft() }
        )
        // Cancelled by `run` when there is nothing left to do.
        return Task {
            guard let listener else { return }
            // `try?`: it ends by the cancellation, or because no connection can be accepted any
            // more; the supervisor then still keeps its containers, and goes when they have.
            try? await server.serve(listener)
        }
    }

    /// Lets keepers find this process.
    private static func mark(_ path: FilePath) throws {
        let file = try openFile(path, O_WRONLY | O_TRUNC)
        try file.writeAll(Array(try SupervisorMark.text().utf8))
    }
}

/// Where a client waits for its supervisor to listen; nothing when a keeper started it.
private struct ReadyPipe {
    private let fd: SharedFD?

    init() {
        guard let text = getenv(SupervisorCommand.readinessVariable),
            let number = CInt(String(cString: text)), number > 2
        else {
            fd = nil
            return
        }
        fd = SharedFD(taking: number)
    }

    /// The client may be gone; that is its affair.
    func tell() throws {
        guard let fd else { return }
        let end = try fd.duplicate()
        do { try end.writeAll([1]) } catch { guard error.errno == EPIPE else { throw error } }
    }
}
