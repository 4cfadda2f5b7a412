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
        do {
            // Before anybody can find this process and send it.
            let calls = try Signals.stream([SIGHUP])
            try makeDirectories(engine.layout.projectRun(project))
            try SupervisorLog.adopt(SupervisorLog.path(of: project, in: engine.layout))
            for shortfall in try LimitDefaults.raise() {
                logger.info(
                    "containers get a lower limit",
                    metadata: ["limit": "\(shortfall)"]
                )
            }
            try await supervise(
                project,
                engine: engine,
                command: command,
                descriptorLimit: try DescriptorLimit.raise().soft,
                calls: calls,
                reached: {
                    // The log may have gone with the socket.
                    try SupervisorLog.adopt(SupervisorLog.path(of: project, in: engine.layout))
                },
                logger: logger
            ) {
                try pipe.tell()
            }
        } catch {
            try pipe.tell(failure: "\(error)")
            throw error
        }
    }

    /// What `run` does once the process is set up; `ready` is called as soon as somebody, this
    /// process or another, listens for the project. Each of `calls` (SIGHUP) asks to look whether
    /// the socket is still there; `reached` is called when it is.
    static func supervise(
        _ project: String,
        engine: Engine,
        command: SupervisorCommand,
        descriptorLimit: UInt64 = .max,
        calls: AsyncStream<CInt> = AsyncStream { $0.finish() },
        reached: @escaping @Sendable () throws -> Void = {},
        logger: Logger,
        ready: () throws -> Void
    ) async throws {
        let layout = engine.layout
        try makeDirectories(layout.projectLocks(project))
        // Held while somebody begins or ends: with it, a taken lock means that its holder listens.
        let turnstile = layout.supervisorTurnstile(project)
        var turn: FileLock? = try await FileLock.acquire(turnstile)
        var lock = try FileLock.tryAcquire(layout.supervisorLock(project))
        guard lock != nil else {
            try await callHolder(of: project, layout)
            return try ready()
        }
        do {
            try SupervisorMark.write(to: layout.supervisorLock(project), run: layout.run)
        } catch {
            // Keepers look for it in vain then, and try to start another one, which ends at once.
            logger.error("keepers cannot find this process", metadata: ["error": "\(error)"])
        }
        let supervisor = Supervisor(
            project: project,
            engine: engine,
            command: command,
            descriptorLimit: descriptorLimit,
            logger: logger
        )
        await supervisor.adopt()
        CrashPoint.adopted.pass()
        // Cancelled below, when there is nothing left to keep.
        let network = Task { await supervisor.keepNetwork() }
        let looking = Task { await supervisor.keepContainers() }
        let door = door(of: supervisor, at: layout.supervisorSocket(project))
        try await door.open()
        CrashPoint.listening.pass()
        // Cancelled below.
        let listening = Task { await answer(calls, door, reached, logger) }
        // Cancelled below.
        let shrinking = Task { await staySmall() }
        try ready()
        repeat {
            turn = nil
            await supervisor.untilIdle()
            turn = try await FileLock.acquire(turnstile)
        } while await !supervisor.retire()
        CrashPoint.retired.pass()
        network.cancel()
        looking.cancel()
        listening.cancel()
        shrinking.cancel()
        await listening.value
        // In this order, so that whoever comes next finds nobody listening and the lock free.
        await door.close()
        CrashPoint.unreachable.pass()
        if await supervisor.isProjectGone { await removeFiles(of: project, engine, logger) }
        lock = nil
        withExtendedLifetime((lock, turn)) {
            logger.info("nothing left to supervise", metadata: ["project": "\(project)"])
        }
    }

    /// Most of what starting containers has brought into memory is not needed to watch over them.
    private static func staySmall() async {
        var pause: Duration = .seconds(3)
        while true {
            do { try await Task.sleep(for: pause) } catch { return }
            ReleasedPages.giveBack()
            pause = .seconds(60)
        }
    }

    private static func removeFiles(of project: String, _ engine: Engine, _ logger: Logger) async {
        do { try await engine.removeFiles(ofGoneProject: project) } catch {
            // The next command removes them.
            logger.warning("locks of the project not removed", metadata: ["error": "\(error)"])
        }
    }

    private static func door(of supervisor: Supervisor, at path: FilePath) -> ControlDoor {
        ControlDoor(
            at: path,
            server: ControlServer(
                answer: { await supervisor.answer($0) },
                events: { await supervisor.events() },
                admit: { await supervisor.admit() },
                left: { await supervisor.clientLeft() }
            )
        )
    }

    /// Somebody looked for this process and found the lock, but no socket.
    private static func answer(
        _ calls: AsyncStream<CInt>,
        _ door: ControlDoor,
        _ reached: @Sendable () throws -> Void,
        _ logger: Logger
    ) async {
        for await _ in calls {
            do {
                try await door.open()
                try reached()
            } catch {
                logger.error("cannot be reached", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The holder of the lock listens, unless its socket was removed: then it is asked to make
    /// another one.
    private static func callHolder(of project: String, _ layout: Layout) async throws {
        if layout.isServed(project) { return }
        let lock = layout.supervisorLock(project)
        guard let holder = try SupervisorMark.holder(in: lock) else {
            throw SupervisorError(
                .unreachable,
                "project \(project) has a supervisor that cannot be found; "
                    + "`fuser \(lock)` names the process, which may be killed"
            )
        }
        if let run = try SupervisorMark.runFolder(in: lock), run != layout.run {
            throw SupervisorError(
                .unreachable,
                "project \(project) was started with BERTH_RUN=\(run): its supervisor "
                    + "(process \(holder.pid)) listens there, not in \(layout.run); "
                    + "run the command with BERTH_RUN=\(run)"
            )
        }
        try holder.signal(SIGHUP)
        let deadline = ContinuousClock.now + .seconds(5)
        while !layout.isServed(project) {
            guard ContinuousClock.now < deadline else {
                throw SupervisorError(
                    .unreachable,
                    StoppedProcess.words(holder.pid, "the supervisor of project \(project)")
                        ?? "the supervisor of project \(project) (process \(holder.pid)) has lost "
                        + "its socket and does not answer; it may be killed: the next command "
                        + "starts another one"
                )
            }
            try await Task.sleep(for: .milliseconds(10))
        }
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

    /// Says that somebody listens, or why nobody does. The client may be gone; that is its affair.
    func tell(failure: String? = nil) throws {
        guard let fd else { return }
        let end = try fd.duplicate()
        let bytes = failure.map { Array($0.utf8) } ?? [SupervisorCommand.isReady]
        do { try end.writeAll(bytes) } catch { guard error.errno == EPIPE else { throw error } }
    }
}
