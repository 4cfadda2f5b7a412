import Compose
import ContainerRuntime
import Engine
import Glibc
import Linux
import OrderedCollections
import Reconciler
import Supervisor
import Synchronization

/// `up` without `-d`: brings the project up, shows its logs, and takes it down again on Ctrl-C.
struct AttachedUp: Sendable {
    let work: ProjectWork
    let project: Project
    /// Where the project says what.
    let loaded: LoadedProject
    let options: UpOptions
    let logs: LiveLogs
    /// Services whose logs are shown.
    let shown: [String]
    /// `--watch`.
    let watching: ProjectWatching?
    let rule: ExitRule
    /// Failures until then are the command's own, and told at its end.
    let isUp = IsUp()

    final class IsUp: Sendable { let value = Mutex(false) }

    /// What the loop of `run` hears of.
    enum Occurrence: Sendable {
        case signal
        /// Every container ended by itself, or bringing up failed or was cancelled.
        case ended(Result<Void, any Error>)
        /// A container of the service ended for good.
        case exited(String, code: Int32)
        /// A hook in the container wrote this.
        case hookWrote(String, in: String)
        /// What Ctrl-C, or the end of a container, asked for is done.
        case stopped(Result<Void, any Error>)
    }

    /// Returns when every container has ended by itself; throws with 130 after an interruption, and
    /// with the code that the rule gives when the end of one ended all.
    func run() async throws {
        let (occurrences, tell) = AsyncStream.makeStream(of: Occurrence.self)
        let signals = try Signals.stream([SIGINT, SIGTERM])
        // Ends with the process: signals are listened to until then.
        let listening = Task { for await _ in signals { tell.yield(.signal) } }
        defer { listening.cancel() }
        let events = try await work.client.events()
        // Ends with the connection, which `close` ends.
        let showing = Task { await show(events, logs, tell) }
        defer { showing.cancel() }
        // Cancelled by the first signal.
        let running = Task {
            let result = await Self.result { try await bringUp(logs, tell) }
            tell.yield(.ended(result))
        }
        var interruption = Interruption()
        var rule = rule
        for await occurrence in occurrences {
            switch occurrence {
            case .signal:
                if let action = interruption.interrupted(at: .now) { answer(action, running, tell) }
            case .exited(let service, let code):
                guard rule.ended(service, code: code), interruption.state == .running else {
                    continue
                }
                interruption.aborted()
                Terminal.line(
                    "\(service) ended with \(code): stopping all; Ctrl-C kills",
                    to: .error
                )
                stopAll(running, tell)
            case .hookWrote(let text, let container):
                guard service(of: container, among: shown) != nil else { continue }
                await logs.showHook(text, name: container)
            case .ended(let result):
                guard interruption.state == .running else { continue }
                try await end(logs, showing)
                try result.get()
                return try await finish(rule)
            case .stopped(let result):
                try await end(logs, showing)
                // A stop that was overtaken by a kill may well have failed.
                if interruption.state == .stopping { try result.get() }
                guard interruption.isByHand else { return try await finish(rule) }
                throw Failure(silent: 130)
            }
        }
    }

    private func answer(
        _ action: Interruption.Action,
        _ running: Task<Void, Never>,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) {
        switch action {
        case .stop:
            running.cancel()
            Terminal.clearEcho()
            Terminal.line("stopping; Ctrl-C again kills", to: .error)
            stopAll(running, tell)
        case .kill:
            Terminal.clearEcho()
            Terminal.line("killing; Ctrl-C again leaves", to: .error)
            // Ends by itself: nothing survives SIGKILL.
            Task { tell.yield(.stopped(await Self.result { try await stop(grace: .zero, tell) })) }
        case .leave: Glibc.exit(130)
        }
    }

    private func stopAll(
        _ running: Task<Void, Never>,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) {
        running.cancel()
        // Ends by itself: every container has a grace.
        Task {
            await running.value
            tell.yield(.stopped(await Self.result { try await stop(grace: options.grace, tell) }))
        }
    }

    /// Ends with the exit code that the ends of containers give the command.
    private func finish(_ rule: ExitRule) async throws {
        var rule = rule
        if let service = rule.codeFrom, rule.lacksCode {
            // Its end was brought about, and not yet heard of.
            let containers = try await work.session.engine.observe(project: work.name).containers
            for container in containers.map(\.record)
            where container.service == service && !container.isOneOff {
                if let code = container.exitCode { _ = rule.ended(service, code: code) }
            }
        }
        if rule.exitCode != 0 { throw Failure(silent: rule.exitCode) }
    }

    private static func result(
        _ body: @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    /// Progress as everywhere; what hooks write goes among the logs.
    private func report(
        _ tell: AsyncStream<Occurrence>.Continuation
    ) -> @Sendable (ConvergenceEvent) -> Void {
        let report = work.report
        return { event in
            if case .hookWrote(let container, let text) = event {
                tell.yield(.hookWrote(text, in: container.name))
            }
            report(event)
        }
    }

    /// Converges, then shows logs until nothing of what was asked for runs any more.
    private func bringUp(
        _ logs: LiveLogs,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) async throws {
        let report = report(tell)
        let tree = try await watching?.begin()
        let result = try await work.alone(hastening: Hastening(options, of: project)) {
            try await work.convergence.up(
                project,
                options: options,
                attending: Attending(unlogged) { await logs.listen(to: $2, $0, name: $1) },
                report: report
            )
        }
        work.progress.finish()
        try result.checkAll(in: loaded)
        isUp.value.withLock { $0 = true }
        guard let watching, let tree else { return try await follow(logs, tell) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watching.follow(tree) }
            group.addTask { try await follow(logs, tell) }
            // Only the logs end by themselves.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Shows logs until nothing of what was asked for runs any more.
    private func follow(
        _ logs: LiveLogs,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) async throws {
        repeat {
            for container in try await containers(of: shown) {
                if unlogged.contains(container.service) {
                    await attend(container.id, name: container.name, logs)
                    continue
                }
                await logs.follow(container.id, name: container.name)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for container in try await containers(of: watched) {
                    group.addTask {
                        let end = try await work.client.wait(for: container.id, until: .gone)
                        guard case .exited(let code) = end else { return }
                        tell.yield(.exited(container.service, code: code))
                    }
                }
                try await group.waitForAll()
            }
        } while try await goesOn()
    }

    /// When all have ended: whether another command starts one again, or puts another one in its
    /// place. It holds the project's lock until it is done.
    private func goesOn() async throws -> Bool {
        let engine = work.session.engine
        while true {
            let isConverging = engine.isConverging(work.name)
            for container in try await containers(of: watched)
            where try await !engine.hasEnded(container.id) {
                return true
            }
            guard isConverging else { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Stops the project, dependents before what they depend on.
    private func stop(
        grace: Duration?,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) async throws {
        let plan = Plan.stop(
            project,
            observed: try await work.convergence.observe(),
            services: options.services,
            grace: grace
        )
        try await work.convergence.walk(plan, project: project, report: report(tell)).checkAll()
        // A start that was under way when the plan was made comes true after it.
        for container in try await work.client.statusIfSupervised() ?? []
        where service(of: container.name, among: watched) != nil {
            try await work.client.stop(container.container, grace: grace)
        }
    }
}
