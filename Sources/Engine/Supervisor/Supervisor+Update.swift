import ContainerRuntime
import Engine

extension Supervisor {
    /// Takes over what has changed in a container's record: its name, its limits, its restart policy,
    /// its networks.
    func update(_ id: ContainerID) async throws {
        let record = try await engine.container(id)
        let spec = try record.spec
        // One that is idle here is read from its record when it is needed.
        guard let container = containers[id] else { return }
        container.name = record.name
        container.spec = spec
        container.life.change(policy: spec.restart)
        names.note()
        guard let running = container.running else { return }
        try await rewire(container, running)
        let mending = try await engine.mendContainers(of: [id])
        guard let failure = mending.failed.first else { return }
        throw SupervisorError(.startFailed, failure)
    }

    /// Connects it as its record says by now. One after the other: each goes on from what the former
    /// has made.
    func rewire(_ container: Supervised, _ running: RunningContainer) async throws {
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            queue(container) { supervisor, container in
                do {
                    try await supervisor.rewireNow(container, running)
                    continuation.resume(returning: .success(()))
                } catch { continuation.resume(returning: .failure(error)) }
            }
        }
        try result.get()
    }

    private func rewireNow(_ container: Supervised, _ running: RunningContainer) async throws {
        // One writer: the network's mending leaves the container alone meanwhile, and is waited for.
        rewiring.insert(container.id)
        defer {
            rewiring.remove(container.id)
            watchedNetwork?.look()
        }
        await networkMending?.value
        let wiring = try await engine.wiring(of: container.id)
        // It may have ended meanwhile.
        guard container.running === running else { return }
        guard let former = container.wiring else {
            throw SupervisorError(
                .startFailed,
                "cannot connect container \(container.name): how it is connected is not known; "
                    + "restart it"
            )
        }
        var ports = container.ports
        let changesPorts = try await engine.changesPorts(of: container.id, ports, to: wiring)
        if changesPorts {
            // What they serve may be let go, or taken otherwise.
            await container.relays?.end()
            container.relays = nil
        }
        container.ports = HeldPorts()
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await engine.rewire(running, from: former, to: wiring, ports: &ports)
            )
        } catch { result = .failure(error) }
        guard container.running === running else { return try result.get() }
        container.ports = ports
        if container.relays == nil { container.relays = relays(of: ports.relayed) }
        container.refusedWiring = wiring
        container.wiring = former.beginning(wiring)
        try result.get()
        if changesPorts { forgetLostPorts(of: container) }
        container.refusedWiring = nil
        container.wiring = wiring
        container.relays?.lead(to: wiring.reachedByIPv4)
        if container.names == nil {
            container.names = await serveNames(of: running, container.spec)
        }
        watchedNetwork?.keep(container.id, wiring)
        names.note()
    }
}
