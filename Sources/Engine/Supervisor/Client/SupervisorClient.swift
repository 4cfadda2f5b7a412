package import ContainerRuntime
package import Engine
import Glibc
import Linux
import SystemPackage

/// Speaks with the supervisor of one project, starting it when none answers. Every verb survives
/// the supervisor's end in the middle: it is asked again of the next one, once.
///
/// One client serves a whole command: calls at the same time share its connection.
package actor SupervisorClient {
    let project: String
    let layout: Layout
    private let command: SupervisorCommand
    /// Hears, once each, why an answer takes so long when that is not the container's doing.
    let notice: @Sendable (String) -> Void
    var noticed: Set<String> = []
    /// An answer that takes longer than this is looked into.
    let patience: Duration
    private var link: SupervisorLink?
    /// Whether the supervisor ends by itself, with the project's files.
    package internal(set) var hasLeftForGood = false
    /// The connection that is being made; everybody waits for the same one.
    private var connecting: Task<SupervisorLink, any Error>?

    package init(
        project: String,
        layout: Layout,
        command: SupervisorCommand,
        patience: Duration = .seconds(5),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.project = project
        self.layout = layout
        self.command = command
        self.patience = patience
        self.notice = notice
    }

    /// Starts a container and returns once its program runs. One that runs is a success.
    package func start(_ container: ContainerID) async throws {
        pass(try await ask(.start(container: container)))
    }

    /// As `start`, for who wants to be attached to it before its program begins: that waits for
    /// `attended`.
    package func startAttended(_ container: ContainerID) async throws {
        pass(try await ask(.startAttended(container: container)))
    }

    /// Lets the program of a container begin that `startAttended` starts.
    package func attended(_ container: ContainerID) async throws {
        _ = try await ask(.attended(container: container))
    }

    /// Ends a container and returns once nothing of it runs. nil grace, and nil signal, is the
    /// container's own.
    package func stop(
        _ container: ContainerID,
        grace: Duration? = nil,
        signal: Int32? = nil
    ) async throws {
        _ = try await ask(
            .stop(
                container: container,
                graceMilliseconds: grace?.milliseconds,
                signal: signal
            )
        )
    }

    /// Makes a stop of it that is under way end sooner; nothing to one that is not being stopped.
    package func hasten(_ container: ContainerID, grace: Duration? = nil) async throws {
        _ = try await ask(.hasten(container: container, graceMilliseconds: grace?.milliseconds))
    }

    /// Ends a container, if it runs, and starts it.
    package func restart(_ container: ContainerID, grace: Duration? = nil) async throws {
        pass(try await ask(.restart(container: container, graceMilliseconds: grace?.milliseconds)))
    }

    /// Passes on what a start had to leave out.
    private func pass(_ reply: Reply) {
        guard case .started(let warnings) = reply else { return }
        for warning in warnings where noticed.insert(warning).inserted { notice(warning) }
    }

    /// Sends a signal to a container's init; returns after its end for SIGKILL. One that is sent
    /// SIGKILL or its stop signal is not started again by its restart policy.
    package func kill(_ container: ContainerID, signal: Int32) async throws {
        _ = try await ask(.kill(container: container, signal: signal))
    }

    /// Lets the processes of a running container stand still; returns when they do.
    package func pause(_ container: ContainerID) async throws {
        _ = try await ask(.pause(container: container))
    }

    /// Lets the processes of a paused container go on.
    package func unpause(_ container: ContainerID) async throws {
        _ = try await ask(.unpause(container: container))
    }

    /// Makes what runs of a container as its record, which has changed, says.
    package func update(_ container: ContainerID) async throws {
        _ = try await ask(.update(container: container))
    }

    /// Returns when the condition holds or cannot hold any more.
    package func wait(
        for container: ContainerID,
        until condition: WaitCondition
    ) async throws -> WaitOutcome {
        guard
            case .waited(let result) = try await ask(.wait(container: container, until: condition))
        else { throw unexpected() }
        return result
    }

    /// What runs or will run by itself.
    package func status() async throws -> [LiveContainer] {
        guard case .status(let containers) = try await ask(.status) else { throw unexpected() }
        return containers
    }

    /// As `status`; nil when there is no supervisor, and none is started.
    package func statusIfSupervised() async throws -> [LiveContainer]? {
        if link?.isOpen != true {
            do throws(SyscallError) {
                begin(try UnixConnection.connect(to: layout.supervisorSocket(project)))
            } catch {
                guard error.errno == ENOENT || error.errno == ECONNREFUSED else { throw error }
                return nil
            }
        }
        return try await status()
    }

    /// The supervisor's process.
    package func ping() async throws -> ProcessStatus {
        guard case .pong(let status) = try await ask(.ping) else { throw unexpected() }
        try check(status)
        return status
    }

    /// What happens to the project's containers from now on; ends with the supervisor.
    package func events() async throws -> AsyncStream<SupervisorEvent> {
        try await explainingDelay(of: .watch) {
            let link = try await connected()
            let events = link.events()
            guard case .done = try await link.ask(.watch) else { throw unexpected() }
            return events
        }
    }

    /// Ends the connection at once, also while requests are open.
    package func disconnect() { takeLink()?.close() }

    /// The connection, which its taker ends; nothing connects this client meanwhile.
    func takeLink() -> SupervisorLink? {
        connecting?.cancel()
        return link.take()
    }

    private func ask(_ verb: Request.Verb) async throws -> Reply {
        try await explainingDelay(of: verb) { try await askTwice(verb) }
    }

    private func askTwice(_ verb: Request.Verb) async throws -> Reply {
        var reply: Reply
        do {
            reply = try await connected().ask(verb)
            CrashPoint.requestAnswered.pass()
        } catch is SupervisorLink.Lost {
            do {
                reply = try await connected().ask(verb)
            } catch is SupervisorLink.Lost {
                throw SupervisorError(
                    .unreachable,
                    "the supervisor of project \(project) ended twice in the middle of a request; "
                        + "see \(logPath)"
                )
            }
        }
        if case .failed(let error) = reply {
            if let link = openLink, case .pong(let status) = try? await link.ask(.ping) {
                // `try?`: the failure stands when nothing is known of who gave it.
                try check(status)
            }
            throw error
        }
        return reply
    }

    /// Refuses a supervisor that works for another state folder: two that share a run folder find
    /// each other's sockets, by the names of their projects.
    private func check(_ status: ProcessStatus) throws {
        guard let other = status.stateFolder, other != layout.root.string else { return }
        throw SupervisorError(
            .unreachable,
            "the supervisor of project \(project) in \(layout.run) (process "
                + "\(status.processID)) belongs to the state folder \(other), not to "
                + "\(layout.root); set BERTH_RUN, too, to a folder of its own"
        )
    }

    /// Begins to look for the supervisor, and to start it where there is none, while the caller does
    /// what comes before its first request. What goes wrong is told by that request.
    package func prepare() {
        guard openLink == nil, connecting == nil else { return }
        connect()
    }

    private func connected() async throws -> SupervisorLink {
        if let openLink { return openLink }
        return try await (connecting ?? connect()).value
    }

    /// Begins to connect. Shared by all who ask meanwhile; cancelled by `disconnect`.
    @discardableResult
    private func connect() -> Task<SupervisorLink, any Error> {
        link = nil
        let task = Task {
            defer { connecting = nil }
            return try await reach()
        }
        connecting = task
        return task
    }

    /// Returns when nobody connects this client any more.
    func settle() async {
        // `try?`: who needs the connection tries again, and hears of it.
        _ = try? await connecting?.value
    }

    private func reach() async throws -> SupervisorLink {
        let socket = layout.supervisorSocket(project)
        var attempts = 3
        while true {
            do throws(SyscallError) {
                return begin(try UnixConnection.connect(to: socket))
            } catch {
                guard error.errno == ENOENT || error.errno == ECONNREFUSED, attempts > 0 else {
                    throw error
                }
            }
            // One that was found may have just ended for want of work: hence more than once.
            attempts -= 1
            try makeDirectories(layout.projectRun(project))
            noticeLimits()
            try await command.launch(project: project, log: logPath)
        }
    }

    /// A supervisor inherits limits that it may not raise from the process that starts it, and so do
    /// its containers.
    private func noticeLimits() {
        // `try?`: what cannot be read is in the supervisor's log, which looks as well.
        for shortfall in (try? LimitDefaults.raise()) ?? []
        where shortfall.isSevere && noticed.insert(shortfall.wanted.name).inserted {
            notice(
                "containers get the limit \(shortfall): this process was started with that "
                    + "hard limit and may not raise it (CAP_SYS_RESOURCE); see `ulimit -H`"
            )
        }
    }

    @discardableResult
    private func begin(_ connection: UnixConnection) -> SupervisorLink {
        let link = SupervisorLink(connection)
        // Ends with the connection, which `close` and the supervisor's end both end.
        Task { await link.run() }
        self.link = link
        return link
    }

    /// The connection there is, if there is one.
    var openLink: SupervisorLink? { link?.isOpen == true ? link : nil }

    private var logPath: FilePath { SupervisorLog.path(of: project, in: layout) }

    private func unexpected() -> SupervisorError {
        SupervisorError(.protocolViolation, "the supervisor's answer does not fit the question")
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short grace is not none.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
