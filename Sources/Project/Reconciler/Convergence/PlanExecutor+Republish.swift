import ContainerRuntime
import Engine
import Supervisor

extension PlanExecutor {
    /// Publishes other ports of what runs. Where one of them cannot be had, those of before are published,
    /// and written down, again.
    func republish(_ id: ContainerID, as request: ContainerRequest) async throws {
        let former = try await engine.container(id)
        let spec = try former.spec
        let label = ComposeLabels.configHash
        func write(_ ports: [PortBinding], _ hash: String?) async throws {
            try await engine.republish(id, ports, labels: hash.map { [label: $0] } ?? [:])
            try await supervisor.update(id)
        }
        do { try await write(request.spec.ports, request.labels[label]) } catch {
            // In a task of its own, since a cancelled one does nothing. `try?`: the first cause counts.
            await Task { try? await write(spec.ports, former.labels[label]) }.value
            throw error
        }
    }
}
