package import ContainerRuntime

/// What a supervisor does with the containers that it keeps.
extension Engine {
    /// Brings a prepared container to life up to the point where only the program is missing.
    package func create(
        _ prepared: PreparedStart,
        onSupervisorExit: Placement.OnSupervisorExit
    ) async throws -> CreatedContainer {
        var placement = prepared.placement
        placement.onSupervisorExit = onSupervisorExit
        return try await runtime.create(prepared.spec, at: placement)
    }

    /// The container as it runs; nil when it does not (any more), as `ContainerRuntime.adopt` says.
    package func running(_ id: ContainerID, name: String) throws -> RunningContainer? {
        try runtime.adopt(id, name: name, in: layout.container(id.text))
    }

    /// How the container's last run ended; nil while it runs and when it never ran.
    package func exitRecord(of id: ContainerID) throws -> ExitRecord? {
        try runtime.exitRecord(in: layout.container(id.text))
    }

    /// Sends a signal to the container's init; to one that has ended it is nothing.
    package func signal(_ container: RunningContainer, _ number: Int32) throws {
        try runtime.kill(container, signal: number)
    }
    /// Lets every process of the container stand still, those that were executed in it too, or lets
    /// them go on; returns when that is so.
    package func setFrozen(_ isFrozen: Bool, _ container: RunningContainer) async throws {
        guard let group = try runtime.cgroups.find(container.id) else {
            throw EngineError(
                .state,
                "cannot stop the processes of container `\(container.name)`",
                because: "its cgroup is gone",
                remedy: "`berth system check` says more"
            )
        }
        try await group.setFrozen(isFrozen)
    }
}
