import Engine
import Supervisor

extension Session {
    /// Starts the project's supervisor if there has to be one and none is alive. Keepers do that for
    /// containers that run, after a while when one after the other is killed; one that only waits to be
    /// started again has no keeper. For those that run, one that cannot be started is only told.
    ///
    /// Called by every command that changes the project, with what the records say after recovery.
    func ensureSupervised(_ project: String, _ containers: [ContainerRecord]) async throws {
        if containers.contains(where: { $0.status == .restarting && $0.desired == .running }) {
            return try await supervise(project)
        }
        guard containers.contains(where: { $0.status == .running }), !layout.isServed(project)
        else { return }
        do { try await supervise(project) } catch let error as SupervisorError {
            tell(error)
        }
    }

    /// Looks at containers, of whatever projects. What follows the end of those that ended with their
    /// supervisor is said by its successor, which is started for it, as it is for those that run and whose
    /// ports and names nobody keeps: then they are looked at again. Where none can be started, that is
    /// told, and what was seen stands.
    func supervising(
        _ look: () async throws -> [ObservedContainer]
    ) async throws -> [ObservedContainer] {
        let found = try await look()
        let running = projects(of: found) { $0.initPID != nil }.filter { !layout.isServed($0) }
        let projects = projects(of: found, where: \.needsSupervisor).union(running)
        guard !projects.isEmpty else { return found }
        do {
            for project in projects.sorted() { try await supervise(project) }
        } catch let error as SupervisorError {
            tell(error)
            return found
        }
        return try await look()
    }

    private func projects(
        of containers: [ObservedContainer],
        where isMeant: (ObservedContainer) -> Bool
    ) -> Set<String> {
        Set(containers.filter(isMeant).map { $0.record.project ?? Layout.standaloneProject })
    }

    private func tell(_ error: SupervisorError) {
        Progress.message(
            "warning: what has ended is not started again, and ports and names are not kept: \(error)"
        )
    }

    private func supervise(_ project: String) async throws {
        let client = try client(of: project)
        _ = try await client.ping()
        await client.disconnect()
    }

    /// Published ports of running containers that other programs have taken.
    func lostPorts(of containers: [ObservedContainer]) throws -> [LostPort] {
        let running = containers.filter { $0.initPID != nil }
        let names = Set(running.map(\.record.name))
        return try projects(of: running) { _ in true }.sorted()
            .flatMap { try LostPort.all(ofProject: $0, in: layout) }
            .filter { names.contains($0.container) }
    }

    /// Says which there are.
    func tellOfLostPorts(_ containers: [ObservedContainer]) throws {
        for port in try lostPorts(of: containers) {
            Progress.message("warning: \(port); it is held again as soon as it is free")
        }
    }
}
