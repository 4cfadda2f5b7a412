import ContainerRuntime
import Engine
import Glibc

extension Supervisor {
    static var processID: Int32 { getpid() }

    /// `arrival` is what its program waits for.
    func start(_ id: ContainerID, awaiting arrival: Arrival? = nil) async throws
        -> Reply
    {
        let container = try await supervised(id)
        guard !container.life.isPaused else {
            throw SupervisorError(
                .paused,
                "cannot start container \(container.name): it is paused; `berth unpause` lets it go on"
            )
        }
        if container.life.isIdle { container.arrival = arrival }
        // Who asks for a start takes it for ended, and so does everybody else: it ends, too.
        let event: ContainerLife.Event = try hasLostFiles(container) ? .restart(grace: nil) : .start
        carryOut(container, container.life.handle(event))
        do {
            _ = try await wait(for: container) { $0.startDecision }
        } catch let error as CancellationError where arrival != nil {
            abandon(container)
            throw error
        }
        return started(container)
    }

    /// Who wanted to see it from its first byte is gone before that: nobody else asked for it.
    private func abandon(_ container: Supervised) {
        carryOut(container, container.life.handle(.stop(grace: .zero)))
        if container.spec.isRemovedAtEnd == true { remove(container) }
    }

    private func started(_ container: Supervised) -> Reply {
        let warnings = container.warnings.map { warning in
            // Some know whose they are.
            warning.hasPrefix("\(container.name): ") ? warning : "\(container.name): \(warning)"
        }
        return warnings.isEmpty ? .done : .started(warnings: warnings)
    }

    /// Whether it runs, and the files that say so to the others are gone or damaged.
    private func hasLostFiles(_ container: Supervised) throws -> Bool {
        guard case .running = container.life.state, let running = container.running else {
            return false
        }
        // The keeper leaves one or the other at any moment.
        return try engine.running(running.id, name: running.name) == nil
            && engine.exitRecord(of: running.id) == nil
    }

    func stop(_ id: ContainerID, grace: Duration?, signal: Int32? = nil) async throws {
        let container = try await supervised(id)
        // To kill at once is what removing by force does: docker has no `stop` of it.
        container.isStopped = container.running != nil && !(signal == SIGKILL && grace == .zero)
        carryOut(container, container.life.handle(.stop(grace: grace, signal: signal)))
        _ = try await wait(for: container) { $0.stopDecision }
    }

    /// Only for one that was asked to end already: nothing else is changed by it.
    func hasten(_ id: ContainerID, grace: Duration?) {
        guard let container = containers[id] else { return }
        carryOut(container, container.life.handle(.hasten(grace: grace)))
    }

    func restart(_ id: ContainerID, grace: Duration?) async throws -> Reply {
        let container = try await supervised(id)
        container.isStopped = container.running != nil
        carryOut(container, container.life.handle(.restart(grace: grace)))
        _ = try await wait(for: container) { $0.startDecision }
        await engine.note(.restart, of: id)
        return started(container)
    }

    func wait(for id: ContainerID, until condition: WaitCondition) async throws -> WaitOutcome {
        let container = try await supervised(id)
        return try await wait(for: container) { $0.decide(condition) }
    }

    func status() -> [LiveContainer] {
        containers.values.sorted { $0.name < $1.name }.compactMap { container in
            let state: LiveContainer.State
            switch container.life.state {
            case .idle: return nil
            case .starting: state = .starting
            case .running: state = .running(processID: container.running?.initPID ?? 0)
            case .stopping: state = .stopping
            case .waiting(let code): state = .waiting(code: code)
            }
            return LiveContainer(
                container: container.id,
                name: container.name,
                state: state,
                health: container.health,
                restarts: container.life.backoff.restarts,
                keeperID: container.running?.keeperPID
            )
        }
    }

    /// The container, read from its record when it is not here.
    private func supervised(_ id: ContainerID) async throws -> Supervised {
        if let container = containers[id] { return container }
        let record = try await engine.container(id)
        guard (record.project ?? Layout.standaloneProject) == project else {
            throw SupervisorError(
                .unknownContainer,
                "container \(record.name) is not of project \(project)"
            )
        }
        let spec = try record.spec
        // Somebody else may have asked for it meanwhile.
        if let container = containers[id] { return container }
        let life = ContainerLife(
            policy: spec.restart,
            settings: spec.stop,
            lastCode: record.lastCode
        )
        let container = Supervised(id: id, name: record.name, spec: spec, life: life)
        containers[id] = container
        return container
    }
}

// MARK: Waiting

extension Supervisor {
    func wait(
        for container: Supervised,
        _ decide: @escaping @Sendable (Supervised.Situation) -> Supervised.Decision
    ) async throws -> WaitOutcome {
        lastWaiter += 1
        let number = lastWaiter
        let id = container.id
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                container.waiters[number] = Supervised.Waiter(
                    decide: decide,
                    continuation: continuation
                )
                if Task.isCancelled { drop(waiter: number, of: id) }
                // What has been decided but not been written down yet is told after it is.
                settle(container)
            }
        } onCancel: {
            // Ends at once: it only takes an entry out.
            Task { await self.drop(waiter: number, of: id) }
        }
    }

    private func drop(waiter number: Int, of id: ContainerID) {
        guard let container = containers[id],
            let waiter = container.waiters.removeValue(forKey: number)
        else { return }
        waiter.continuation.resume(throwing: CancellationError())
        settle(container)
    }

    /// Tells those whose wait is decided, once everything about the container is written down, and
    /// lets go of one that is idle and that nobody waits for.
    func settle(_ container: Supervised) {
        let situation = container.situation(at: now)
        var decided:
            [(CheckedContinuation<WaitOutcome, any Error>, Result<WaitOutcome, any Error>)] =
                []
        for (number, waiter) in container.waiters {
            switch waiter.decide(situation) {
            case .undecided: continue
            case .result(let result): decided.append((waiter.continuation, .success(result)))
            case .failed(let error): decided.append((waiter.continuation, .failure(error)))
            }
            container.waiters[number] = nil
        }
        let continuations = decided
        queue(container) { _, _ in
            for (continuation, result) in continuations { continuation.resume(with: result) }
        }
    }
}
