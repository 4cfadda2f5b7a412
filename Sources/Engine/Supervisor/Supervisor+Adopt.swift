import ContainerRuntime
import Engine
import Linux
import Logging
import SystemPackage

extension Supervisor {
    /// Takes over what an earlier supervisor left: running containers go on being kept, ends that
    /// nobody saw are written down and followed by what the policies say. After a restart of the
    /// machine nothing is written down as running any more (`Engine.recover`): then the next `up`
    /// is asked.
    package func adopt() async {
        do {
            let records = try await engine.containers(
                ofProject: project == Layout.standaloneProject ? nil : project
            )
            for record in records
            where (record.project ?? Layout.standaloneProject) == project {
                do { try await adopt(record) } catch {
                    logger.error(
                        "container not adopted",
                        metadata: ["container": "\(record.name)", "error": "\(error)"]
                    )
                }
            }
        } catch {
            // Without the records nothing can be adopted; requests will say why one by one.
            logger.error("nothing adopted", metadata: ["error": "\(error)"])
        }
        askForLostPorts()
    }

    private func adopt(_ record: ContainerRecord) async throws {
        guard
            record.desired == .running || record.status == .running
                || record.status == .restarting
        else { return }
        let spec = try record.spec
        if let running = try engine.running(record.id, name: record.name) {
            await adopt(record, spec, running)
        } else if record.status == .running {
            let exit = try engine.exitRecord(of: record.id)
            adopt(record, spec, endedWith: exit)
        } else if record.status == .restarting {
            guard record.desired == .running else {
                let exit = try engine.exitRecord(of: record.id)
                return adopt(record, spec, endedWith: exit)
            }
            resume(record, spec)
        }
    }

    /// It runs: everything but the start.
    private func adopt(
        _ record: ContainerRecord,
        _ spec: ContainerSpec,
        _ running: RunningContainer
    ) async {
        let life = ContainerLife(
            adopted: spec.restart,
            settings: spec.stop,
            restarts: record.restartCount,
            since: now - age(ofNanoseconds: running.startedAtNanoseconds),
            isPaused: record.isPaused
        )
        let container = add(record, spec, life)
        if record.status != .running {
            // The former supervisor died between the start and its record.
            await writeDown("the start", of: container) { engine, _ in
                try await engine.started(
                    running,
                    published: record.published,
                    hasHealthcheck: spec.healthcheck != nil,
                    restarts: record.restartCount
                )
            }
        }
        container.health = spec.healthcheck == nil ? nil : record.health ?? .starting
        // An unreadable log of old answers is no loss: new ones come.
        let answers = try? HealthLog.read(from: running.directory)
        container.probes = answers?.probes ?? []
        container.intervention = answers?.intervention
        let names = await serveNames(of: running, spec)
        // `try?`: it runs on as it is connected; `rewire` says that it cannot be connected otherwise.
        let wiring = try? await engine.wiring(of: record.id)
        var launched = Launched(running: running, names: names, wiring: wiring)
        launched.ports = await holdPorts(of: container, record.published, wiring)
        attend(container, launched, resuming: true)
        logger.info("container adopted", metadata: ["container": "\(record.name)"])
        // A stop that the former supervisor did not finish.
        if record.desired == .stopped { feed(container, .stop(grace: nil)) }
    }

    /// New sockets in its network namespace take the place of those that went with the former
    /// supervisor.
    func serveNames(of running: RunningContainer, _ spec: ContainerSpec) async
        -> NameServing?
    {
        guard case .attached = spec.network else { return nil }
        do {
            guard let sockets = try await engine.openDNSSockets(of: running) else { return nil }
            return NameServing(
                sockets,
                for: running.id,
                of: spec,
                engine: engine,
                changes: names,
                logger: logger
            )
        } catch {
            logger.error(
                "names not served",
                metadata: ["container": "\(running.name)", "error": "\(error)"]
            )
            return nil
        }
    }

    /// It ended while nobody looked.
    private func adopt(
        _ record: ContainerRecord,
        _ spec: ContainerSpec,
        endedWith exit: ExitRecord?
    ) {
        var run = Duration.zero
        if let exit {
            run = .nanoseconds(exit.finishedAtNanoseconds - exit.startedAtNanoseconds)
        }
        let life = ContainerLife(
            adopted: record.desired == .running ? spec.restart : .no,
            settings: spec.stop,
            restarts: record.restartCount,
            since: now - max(run, .zero)
        )
        let container = add(record, spec, life)
        queue(container) { supervisor, container in
            await supervisor.writeDown("what its keeper left", of: container) { engine, id in
                try engine.clearAfterEnd(of: id)
            }
        }
        ended(container, nil, exit)
    }

    /// It waits to be started again: for what is left of its delay. Where its policy asks for nothing
    /// somebody had asked for a restart, whose second half is still to be done.
    private func resume(_ record: ContainerRecord, _ spec: ContainerSpec) {
        let ended = record.finishedAt ?? record.startedAt ?? record.createdAt
        let run = ended.nanoseconds - (record.startedAt ?? ended).nanoseconds
        let (life, actions) = ContainerLife.waiting(
            spec.restart,
            settings: spec.stop,
            restarts: record.restartCount,
            code: record.exitCode ?? ContainerRecord.unseenExitCode,
            ranFor: .nanoseconds(max(run, 0))
        )
        let container = add(record, spec, life)
        guard !life.isIdle else { return feed(container, .start) }
        let waited = age(ofNanoseconds: ended.nanoseconds)
        carryOut(
            container,
            actions.map { action in
                guard case .armBackoff(let delay) = action else { return action }
                return .armBackoff(max(delay - waited, .zero))
            }
        )
    }

    private func add(
        _ record: ContainerRecord,
        _ spec: ContainerSpec,
        _ life: ContainerLife
    ) -> Supervised {
        let container = Supervised(id: record.id, name: record.name, spec: spec, life: life)
        containers[record.id] = container
        return container
    }

    private func age(ofNanoseconds started: Int64) -> Duration {
        .nanoseconds(max(Timestamp.now().nanoseconds - started, 0))
    }
}
