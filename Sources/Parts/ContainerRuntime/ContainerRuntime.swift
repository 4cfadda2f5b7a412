package import Linux
package import SystemPackage

/// Makes, starts, adopts, enters and ends containers. Holds no state of its own: truth is in the
/// kernel and in the files that keepers write.
package struct ContainerRuntime: Sendable {
    /// Takes the `berth-keeper` executable and `<root>`, where the layer between image and
    /// container is kept.
    package init(keeper: FilePath, root: FilePath) throws {
        throw RuntimeError(container: "", message: "not built yet")
    }

    /// Brings a container to life up to the point where only the program is missing: its init is
    /// in its namespaces and cgroup and waits for `CreatedContainer.start()`.
    ///
    /// What goes wrong while its file system is set up may be reported by `start()` only, since
    /// that runs beside the caller's network work.
    /// The keeper keeps the descriptors of `holding` open until the end (sockets of ports).
    package func create(
        _ spec: ContainerSpec,
        at placement: Placement,
        holding: [SharedFD] = [],
        output: ContainerOutput = .log
    ) async throws -> CreatedContainer {
        throw RuntimeError(container: placement.name, message: "not built yet")
    }

    /// Finds the running container whose files are in `directory`; nil when it does not run
    /// (any more), also when the machine was rebooted or a pid was given to another process.
    package func adopt(
        _ id: ContainerID,
        name: String,
        in directory: FilePath
    ) throws -> RunningContainer? {
        throw RuntimeError(container: name, message: "not built yet")
    }

    /// How the last run ended; nil while it runs and when it never ran. A run whose keeper was
    /// killed, or that a reboot ended, gives `.lost`.
    package func exitRecord(in directory: FilePath) throws -> ExitRecord? {
        throw RuntimeError(container: "", message: "not built yet")
    }

    /// Starts a further process in a running container, in the sandbox of the container's spec.
    package func exec(
        _ process: ProcessSpec,
        in container: RunningContainer,
        of spec: ContainerSpec,
        stdio: ExecStdio
    ) async throws -> ExecProcess {
        throw RuntimeError(container: container.name, message: "not built yet")
    }

    /// Sends a signal to a container's init.
    package func kill(_ container: RunningContainer, signal: Int32) throws {
        throw RuntimeError(container: container.name, message: "not built yet")
    }

    /// Removes what a crash left of a container that does not run: its cgroups. Idempotent.
    package func cleanUp(_ id: ContainerID, in directory: FilePath) throws {
        throw RuntimeError(container: id.short, message: "not built yet")
    }
}
