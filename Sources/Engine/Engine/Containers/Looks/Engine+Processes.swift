import ContainerRuntime

extension Engine {
    /// The processes of a running container, by their numbers on this machine, oldest first; those
    /// that were executed in it, too.
    /// - Throws: `EngineError` of kind `.conflict` for a container that does not run.
    package func processes(of container: ContainerRecord) async throws -> [ContainerProcess] {
        guard try running(container.id, name: container.name) != nil,
            let group = try runtime.cgroups.find(container.id)
        else {
            throw EngineError(
                .conflict,
                "cannot list the processes of \(container.name)",
                because: "the container is not running"
            )
        }
        let accounts = MachineAccounts()
        // `try?`: one that has ended since is not there to be shown.
        await note(.top, of: container.id)
        return try group.processes().compactMap { try? ContainerProcess(of: $0, accounts) }
            .sorted { ($0.startedAtNanoseconds, $0.pid) < ($1.startedAtNanoseconds, $1.pid) }
    }
}
