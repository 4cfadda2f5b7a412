import ContainerRuntime
import Engine
import Linux
import Logging

extension Supervisor {
    /// Brings a container to life, in its queue.
    func launch(_ container: Supervised) async {
        if case .starting(next: .stay, _) = container.life.state {
            container.failure = overtaken(container)
            return feed(container, .launchFailed(code: 128))
        }
        guard await descriptorsAreThere(for: container) else {
            return await failed(
                container,
                descriptors.refusal(
                    of: container.name,
                    project: project,
                    hasHealthcheck: container.spec.healthcheck != nil
                )
            )
        }
        defer { startEnded(container) }
        // It may have been stopped while it waited for others' starts.
        if case .starting(next: .stay, _) = container.life.state {
            container.failure = overtaken(container)
            return feed(container, .launchFailed(code: 128))
        }
        let launch = Launch(
            id: container.id,
            restarts: container.life.backoff.restarts,
            restart: Placement.SupervisorRestart(
                command: command.words(for: project),
                environment: command.environment,
                lockFile: engine.layout.supervisorLock(project)
            ),
            arrival: container.arrival,
            isWatched: isWatched,
            engine: engine,
            changes: names,
            logger: logger
        )
        // Cancelled by `cancelLaunch`.
        let task = Task { try await launch.run() }
        container.launch = task
        let result = await task.result
        container.launch = nil
        container.arrival = nil
        switch result {
        case .success(let launched):
            logger.info("container started", metadata: ["container": "\(container.name)"])
            attend(container, launched)
            feed(container, .launched(at: now))
            announce(.started, of: container)
            if container.life.backoff.restarts > 0 { restartSharers(of: container) }
        case .failure(let error):
            await failed(container, error)
        }
    }

    /// Its policy has started it again, in new namespaces: who shares the former ones has a network
    /// without links, and is restarted. Where somebody asked for the start, a plan says what follows.
    private func restartSharers(of container: Supervised) {
        for other in containers.values where other.spec.sharedContainers.contains(container.name) {
            guard case .running = other.life.state else { continue }
            logger.info(
                "container restarted, as the one whose namespaces it shares",
                metadata: ["container": "\(other.name)", "companion": "\(container.name)"]
            )
            feed(other, .renew)
        }
    }

    /// Waits until there are descriptors for one more start; false when there will not be, because
    /// those that run have them all. Counts the start as begun.
    private func descriptorsAreThere(for container: Supervised) async -> Bool {
        let own = DescriptorBudget.cost(of: container.spec)
        while true {
            let others = containers.values.filter { $0.running != nil || $0.isLaunching }
            let cost = others.reduce(own + relayShares.descriptorsInUse) { sum, other in
                sum + DescriptorBudget.cost(of: other.spec)
            }
            let starting = others.count(where: \.isLaunching)
            if descriptors.allows(cost: cost, starting: starting + 1) {
                container.isLaunching = true
                return true
            }
            guard starting > 0, descriptors.allows(cost: cost, starting: 1) else { return false }
            await withCheckedContinuation { startsWaiting.append($0) }
        }
    }

    private func startEnded(_ container: Supervised) {
        container.isLaunching = false
        let waiting = startsWaiting
        startsWaiting = []
        for continuation in waiting { continuation.resume() }
    }

    private func failed(_ container: Supervised, _ error: any Error) async {
        guard !(error is CancellationError) else {
            container.failure = overtaken(container)
            feed(container, .launchFailed(code: 128))
            if container.life.backoff.restarts > 0 { await noteRestarting(container) }
            return
        }
        logger.warning(
            "container not started",
            metadata: ["container": "\(container.name)", "error": "\(error)"]
        )
        let own = (error as? RuntimeError)?.exitCode
        let code = own ?? 128
        container.failure = SupervisorError(.startFailed, "\(error)")
        container.failure?.exitCode = own
        await writeDown("the failed start", of: container) { engine, id in
            try await engine.failedToStart(id, because: "\(error)", code: code)
        }
        announce(.failed("\(error)"), of: container)
        feed(container, .launchFailed(code: code))
        if !container.life.isIdle { await noteRestarting(container) }
    }

    /// Corrects the record of one whose start by its policy failed.
    private func noteRestarting(_ container: Supervised) async {
        let isRestarting = !container.life.isIdle
        await writeDown("whether it is started again", of: container) { engine, id in
            try await engine.setRestarting(isRestarting, of: id)
        }
    }

    private func overtaken(_ container: Supervised) -> SupervisorError {
        SupervisorError(.stopped, "container \(container.name) was stopped before it ran")
    }

    /// Everything a running container needs from its supervisor.
    func attend(_ container: Supervised, _ launched: Launched, resuming: Bool = false) {
        let running = launched.running
        container.running = running
        container.names = launched.names
        container.warnings = launched.warnings
        container.failure = nil
        container.wiring = launched.wiring
        container.ports = launched.ports
        container.relays = relays(of: launched.ports.relayed)
        if let wiring = launched.wiring { watchedNetwork?.keep(container.id, wiring) }
        names.note()
        container.logServer = launched.logServer
        deliver(container)
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
        guard let check = container.spec.healthcheck else {
            // Ends by itself, and is nothing to one that has ended meanwhile.
            Task {
                let delay = Supervised.settledAfter
                do { try await Task.sleep(for: delay) } catch { return }
                if container.running === running { settle(container) }
            }
            return
        }
        if !resuming { container.health = .starting }
        // Cancelled when the container has ended.
        container.healthLoop = Task { await watchHealth(of: container, running, check) }
    }

    /// Serves ports that lead from one family to another.
    func relays(of ports: [RelayedPort]) -> PortRelays? {
        PortRelays(ports, shares: relayShares, logger: logger)
    }

    /// A run ended: the record first, then everybody may know.
    func ended(_ container: Supervised, _ running: RunningContainer?, _ exit: ExitRecord?) {
        guard container.running === running else { return }
        CrashPoint.endSeen.pass()
        let code = exit?.code ?? 137
        container.running = nil
        watchedNetwork?.letGo(container.id)
        container.names?.stop()
        container.names = nil
        container.wiring = nil
        container.refusedWiring = nil
        container.ports = HeldPorts()
        forgetLostPorts(of: container)
        container.relays?.stop()
        container.relays = nil
        container.healthLoop?.cancel()
        container.healthLoop = nil
        container.health = nil
        let wasStopped = container.isStopped
        container.isStopped = false
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
            await supervisor.releaseNetworks(of: container)
            await supervisor.writeDown("its end", of: container) { engine, id in
                try await engine.exited(
                    id,
                    exit,
                    restarting: isRestarting,
                    wasStopped: wasStopped
                )
            }
            CrashPoint.endRecorded.pass()
            supervisor.names.note()
            supervisor.announce(.exited(code: code, restarting: isRestarting), of: container)
        }
        limitDelivery(of: container)
        // Before those who wait are told, so that it is gone when they look.
        if container.spec.isRemovedAtEnd == true, container.life.isIdle { remove(container) }
        carryOut(container, actions)
    }

    private func releaseNetworks(of container: Supervised) async {
        await writeDown("the release of its networks", of: container) { engine, id in
            await self.takeAway(try await engine.cutNetworks(of: id))
        }
    }

    /// What was made to run once is gone when that is over.
    func remove(_ container: Supervised) {
        queue(container) { supervisor, container in
            await supervisor.writeDown("its removal", of: container) { engine, id in
                try await engine.removeContainers([id], withAnonymousVolumes: true)
            }
        }
    }
}
