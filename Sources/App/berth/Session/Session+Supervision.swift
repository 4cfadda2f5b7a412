import Engine
import Supervisor

extension Session {
    /// Starts the project's supervisor if there has to be one and none is alive. Keepers do that for
    /// containers that run; one that only waits to be started again has no keeper.
    ///
    /// Called by every command that looks at the project or changes it.
    func ensureSupervised(_ project: String, _ containers: [ContainerRecord]) async throws {
        guard containers.contains(where: { $0.status == .restarting && $0.desired == .running })
        else { return }
        let client = try client(of: project)
        _ = try await client.ping()
        await client.disconnect()
    }
}
