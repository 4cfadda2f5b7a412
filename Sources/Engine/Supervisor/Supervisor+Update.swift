import ContainerRuntime
import Engine

extension Supervisor {
    /// Takes over what has changed in a container's record: its name, its limits, its restart policy.
    func update(_ id: ContainerID) async throws {
        let record = try await engine.container(id)
        let spec = try record.spec
        // One that is idle here is read from its record when it is needed.
        guard let container = containers[id] else { return }
        container.name = record.name
        container.spec = spec
        container.life.change(policy: spec.restart)
        names.note()
        guard container.running != nil else { return }
        let mending = try await engine.mendContainers(of: [id])
        guard let failure = mending.failed.first else { return }
        throw SupervisorError(.startFailed, failure)
    }
}
