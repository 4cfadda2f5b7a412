import ContainerRuntime
import Engine
import Linux
import Logging

/// What a launch gives.
struct Launched: Sendable {
    var running: RunningContainer
}

extension Supervisor {
    /// Brings a container to life, in its queue.
    func launch(_ container: Supervised) async {
        if case .starting(next: .stay, _) = container.life.state {
            container.failure = overtaken(container)
            return feed(container, .launchFailed(code: 128))
        }
        let (id, restarts) = (container.id, container.life.backoff.restarts)
        let revival = Placement.Revival(
            command: command.words(for: project),
            environment: command.environment,
            lockFile: engine.layout.supervisorLock(project)
        )
        let (engine, logger) = (engine, logger)
        // Cancelled by `cancelLaunch`.
        let task = Task {
            try await Self.launch(
                id,
                restarts: restarts,
                revival: revival,
                engine: engine,
                logger: logger
            )
        }
        container.launch = task
        let result = await task.result
        container.launch = nil
        switch result {
        case .success(let launched):
            logger.info("container started", metadata: ["container": "\(container.name)"])
            attend(container, launched)
            feed(container, .launched(at: now))
            announce(.started, of: container)
        case .failure(let error):
            await failed(container, error)
        }
    }

    private func failed(_ container: Supervised, _ error: any Error) async {
        guard !(error is CancellationError) else {
            container.failure = overtaken(container)
            return feed(container, .launchFailed(code: 128))
        }
        logger.warning(
            "container not started",
            metadata: ["container": "\(container.name)", "error": "\(error)"]
        )
        let code = (error as? RuntimeError)?.exitCode ?? 125
        container.failure = SupervisorError(.startFailed, "\(error)")
        await writeDown("the failed start", of: container) { engine, id in
            try await engine.failedToStart(id, because: "\(error)", code: code)
        }
        announce(.failed("\(error)"), of: container)
        feed(container, .launchFailed(code: code))
    }

    private func overtaken(_ container: Supervised) -> SupervisorError {
        SupervisorError(.stopped, "container \(container.name) was stopped before it ran")
    }

    /// Everything a running container needs from its supervisor.
    func attend(_ container: Supervised, _ launched: Launched, resuming: Bool = false) {
        let running = launched.running
        container.running = running
        container.failure = nil
        // Ends with the container.
        Task {
            let exit: ExitRecord?
            do { exit = try await running.wait() } catch {
                logger.error(
                    "end of container not seen",
                    metadata: ["container": "\(container.name)", "error": "\(error)"]
                )
                exit = nil
            }
            ended(container, running, exit)
        }
        guard let check = container.spec.healthcheck else { return }
        if !resuming { container.health = .starting }
        container.healthLoop = Task { await watchHealth(of: container, running, check) }
    }

    /// A run ended: the record first, then everybody may know.
    func ended(_ container: Supervised, _ running: RunningContainer?, _ exit: ExitRecord?) {
        guard container.running === running else { return }
        let code = exit?.code ?? 137
        container.running = nil
        container.healthLoop?.cancel()
        container.healthLoop = nil
        container.health = nil
        let actions = container.life.handle(.exited(code: code, at: now))
        let isRestarting = !container.life.isIdle
        logger.info(
            "container exited",
            metadata: [
                "container": "\(container.name)", "code": "\(code)",
                "restarting": "\(isRestarting)",
            ]
        )
        queue(container) { supervisor, container in
            await supervisor.writeDown("the release of its networks", of: container) {
                engine,
                id in
                try await engine.releaseNetworks(id)
            }
            await supervisor.writeDown("its end", of: container) { engine, id in
                try await engine.exited(id, exit, restarting: isRestarting)
            }
            supervisor.announce(.exited(code: code, restarting: isRestarting), of: container)
        }
        carryOut(container, actions)
    }
}

extension Supervisor {
    /// The steps of a start. What one of them made is undone when a later one fails.
    private static func launch(
        _ id: ContainerID,
        restarts: Int,
        revival: Placement.Revival,
        engine: Engine,
        logger: Logger
    ) async throws -> Launched {
        let prepared = try await engine.prepareStart(id)
        try Task.checkCancellation()
        var placement = prepared.placement
        placement.whenAbandoned = .revive(revival)
        let created = try await engine.runtime.create(
            prepared.spec,
            at: placement,
            holding: prepared.portSockets
        )
        let running: RunningContainer
        do {
            try Task.checkCancellation()
            try await engine.attachNetworks(created, prepared)
            try Task.checkCancellation()
            running = try await created.start()
        } catch {
            await created.abort()
            await release(id, engine, logger)
            throw error
        }
        for warning in prepared.warnings + running.warnings {
            logger.warning("\(warning)", metadata: ["container": "\(running.name)"])
        }
        do {
            try await engine.started(
                running,
                published: prepared.published,
                hasHealthcheck: prepared.spec.healthcheck != nil,
                restarts: restarts
            )
        } catch {
            // Removed meanwhile, or the disk is full: a container without a record may not run.
            try engine.runtime.kill(running, signal: 9)
            _ = try await running.wait()
            await release(id, engine, logger)
            throw error
        }
        return Launched(running: running)
    }

    private static func release(_ id: ContainerID, _ engine: Engine, _ logger: Logger) async {
        do { try await engine.releaseNetworks(id) } catch {
            // The cause of the failed start is what is reported; recovery removes what is left.
            logger.warning("network not released", metadata: ["container": "\(id.short)"])
        }
    }
}
