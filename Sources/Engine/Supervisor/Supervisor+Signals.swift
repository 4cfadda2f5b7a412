import ContainerRuntime
import Engine
import Glibc
import Logging

/// Signals that somebody asks for, and standing still.
extension Supervisor {
    /// Returns when the signal is sent; after SIGKILL when nothing of the container runs.
    func kill(_ id: ContainerID, signal: Int32) async throws {
        guard let container = containers[id], container.life.isAlive else {
            throw notRunning("kill", id)
        }
        let isPolite = signal != SIGKILL
        carryOut(container, container.life.handle(.kill(signal: signal)))
        if isPolite { return }
        _ = try await wait(for: container) { $0.stopDecision }
    }

    /// Returns when its processes stand still, or go on.
    func setPaused(_ isPaused: Bool, _ id: ContainerID) async throws {
        let verb = isPaused ? "pause" : "unpause"
        guard let container = containers[id], case .running = container.life.state else {
            throw notRunning(verb, id)
        }
        guard container.life.isPaused != isPaused else {
            throw SupervisorError(
                .paused,
                "cannot \(verb) container \(container.name): it is "
                    + (isPaused ? "already paused" : "not paused")
            )
        }
        container.freezeFailure = nil
        feed(container, isPaused ? .pause : .unpause)
        await container.tail?.value
        guard let failure = container.freezeFailure.take() else { return }
        throw SupervisorError(
            .startFailed,
            "cannot \(verb) container \(container.name): \(failure)"
        )
    }

    /// Carries out that a container's processes stand still or go on; in its queue.
    func freeze(_ container: Supervised, _ isFrozen: Bool) async {
        guard let running = container.running else { return }
        do {
            try await engine.setFrozen(isFrozen, running)
            guard container.running === running else { return }
            await writeDown("whether it is paused", of: container) { engine, id in
                try await engine.setPaused(isFrozen, of: id)
            }
        } catch {
            // One that has ended meanwhile has no processes any more.
            guard container.running === running, running.isAlive else { return }
            container.freezeFailure = "\(error)"
            logger.warning(
                "container not \(isFrozen ? "paused" : "let go on")",
                metadata: ["container": "\(container.name)", "error": "\(error)"]
            )
            // Half of them standing still is not how they were found.
            if isFrozen { feed(container, .unpause) }
        }
    }

    private func notRunning(_ verb: String, _ id: ContainerID) -> SupervisorError {
        SupervisorError(
            .notRunning,
            "cannot \(verb) container \(containers[id]?.name ?? id.short): it is not running"
        )
    }
}
