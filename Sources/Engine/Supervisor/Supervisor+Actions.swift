import ContainerRuntime
import Engine
import Glibc
import Linux
import Logging

extension Supervisor {
    /// Gives an event to a container's life and does what that says.
    func feed(_ container: Supervised, _ event: ContainerLife.Event) {
        carryOut(container, container.life.handle(event))
    }

    func carryOut(_ container: Supervised, _ actions: [ContainerLife.Action]) {
        for action in actions { carryOut(container, action) }
        settle(container)
    }

    private func carryOut(_ container: Supervised, _ action: ContainerLife.Action) {
        switch action {
        case .launch:
            container.failure = nil
            queue(container) { await $0.launch($1) }
        case .cancelLaunch:
            container.launch?.cancel()
        case .signal(let number):
            signal(container, number)
        case .killAll:
            // The end of process 1 is the end of its whole pid namespace: pid_namespaces(7).
            signal(container, SIGKILL)
        case .freeze(let isFrozen):
            queue(container) { await $0.freeze($1, isFrozen) }
        case .armGrace(let duration):
            if let end = container.graceEnd, end <= now + duration { break }
            container.graceTimer?.cancel()
            container.graceEnd = now + duration
            container.graceTimer = timer(container, duration, .graceEnded)
        case .disarmGrace:
            container.graceTimer?.cancel()
            container.graceEnd = nil
        case .armBackoff(let duration):
            container.backoffTimer = timer(container, duration, .backoffEnded)
        case .disarmBackoff:
            container.backoffTimer?.cancel()
            guard container.life.isIdle else { return }
            queue(container) { supervisor, container in
                await supervisor.writeDown("that it stays ended", of: container) { engine, id in
                    try await engine.setRestarting(false, of: id)
                }
            }
        case .want(let isWanted):
            queue(container) { supervisor, container in
                await supervisor.writeDown("what is wanted", of: container) { engine, id in
                    try await engine.setDesired(isWanted ? .running : .stopped, of: [id])
                }
            }
        }
    }

    private func signal(_ container: Supervised, _ number: Int32) {
        guard let running = container.running else { return }
        do {
            try engine.signal(running, number)
            CrashPoint.signalSent.pass()
        } catch {
            logger.warning(
                "signal not sent",
                metadata: ["container": "\(container.name)", "error": "\(error)"]
            )
        }
        queue(container) { supervisor, container in
            await supervisor.writeDown("a signal", of: container) { engine, id in
                try await engine.signalled(id, number)
            }
        }
    }

    private func timer(
        _ container: Supervised,
        _ delay: Duration,
        _ event: ContainerLife.Event
    ) -> Task<Void, Never> {
        // Cancelled by the opposite action; a late event is nothing to the life.
        Task {
            do { try await Task.sleep(for: delay) } catch { return }
            feed(container, event)
        }
    }

    /// Does something after everything that was queued for the container before; lets go of one
    /// that is idle, that nobody waits for and that has nothing left in its queue.
    func queue(
        _ container: Supervised,
        _ work: @escaping @Sendable (isolated Supervisor, Supervised) async -> Void
    ) {
        let former = container.tail
        container.queued += 1
        // Ends with its work; what can take long in it has its own cancellation.
        container.tail = Task {
            await former?.value
            await work(self, container)
            container.queued -= 1
            letGo(container)
        }
    }

    private func letGo(_ container: Supervised) {
        guard container.life.isIdle, container.waiters.isEmpty, container.queued == 0,
            containers[container.id] === container
        else { return }
        container.tail = nil
        containers[container.id] = nil
        wakeIfIdle()
    }

    /// Writes a record. A record that cannot be written is no reason to leave a container alone:
    /// it is corrected when it is read next, since the kernel and the keeper's files say more.
    func writeDown(
        _ what: String,
        of container: Supervised,
        _ write: @Sendable (Engine, ContainerID) async throws -> Void
    ) async {
        do { try await write(engine, container.id) } catch {
            if await isRemoved(container) { return letGoOfRemoved(container) }
            logger.error(
                "not written down: \(what)",
                metadata: ["container": "\(container.name)", "error": "\(error)"]
            )
        }
    }

    private func isRemoved(_ container: Supervised) async -> Bool {
        do { _ = try await engine.container(container.id) } catch let error as EngineError {
            return error.kind == .notFound
        } catch {
            // It cannot be read now.
            return false
        }
        return false
    }

    /// A command may remove a container between its end and the record of it: nothing is to be
    /// started again then. What runs without a record is not ours to end.
    private func letGoOfRemoved(_ container: Supervised) {
        guard container.running == nil, !container.life.isIdle else { return }
        logger.info("container removed", metadata: ["container": "\(container.name)"])
        feed(container, .stop(grace: .zero))
    }
}
