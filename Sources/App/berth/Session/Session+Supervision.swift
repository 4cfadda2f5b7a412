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
        try await supervise(project)
    }

    /// Looks at containers, of whatever projects. What follows the end of those that ended with their
    /// supervisor is said by its successor, which is started for it: then they are looked at again.
    /// Where none can be started, that is told, and what was seen stands.
    func supervising(
        _ look: () async throws -> [ObservedContainer]
    ) async throws -> [ObservedContainer] {
        let found = try await look()
        let projects = Set(
            found.filter(\.needsSupervisor).map { $0.record.project ?? Layout.standaloneProject }
        )
        guard !projects.isEmpty else { return found }
        do {
            for project in projects.sorted() { try await supervise(project) }
        } catch let error as SupervisorError {
            Progress.message("warning: what has ended is not started again: \(error)")
            return found
        }
        return try await look()
    }

    private func supervise(_ project: String) async throws {
        let client = try client(of: project)
        _ = try await client.ping()
        await client.disconnect()
    }
}
