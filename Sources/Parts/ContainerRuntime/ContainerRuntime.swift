import CLinux
import Glibc
import Linux
package import SystemPackage

/// Makes, starts, adopts, enters and ends containers. Holds no state of its own: truth is in the
/// kernel and in the files that keepers write.
package struct ContainerRuntime: Sendable {
    let keeper: KeeperProgram
    let root: FilePath
    package let cgroups: Cgroups

    /// Takes the `berth-keeper` executable and `<root>`, where the layer between image and
    /// container is kept.
    package init(keeper: FilePath, root: FilePath) throws {
        self.keeper = KeeperProgram(keeper)
        self.root = root
        cgroups = try Cgroups.detect(root: root)
        try makeDirectories(root)
    }

    /// The read-only layer of ours between image and container, made when it is missing.
    package func initLayer() throws -> FilePath { try InitLayer.ensure(in: root) }

    /// Brings a container to life up to the point where only the program is missing: its init is
    /// in its namespaces and cgroup and waits for `CreatedContainer.start()`.
    ///
    /// What goes wrong while its file system is set up may be reported by `start()` only, since
    /// that runs beside the caller's network work.
    package func create(
        _ spec: ContainerSpec,
        at placement: Placement,
        output: ContainerOutput = .log
    ) async throws -> CreatedContainer {
        let launcher = Launcher(
            runtime: self,
            spec: spec,
            placement: placement,
            output: output,
            sharedMemory: try await SharedMemory(spec, at: placement)
        )
        return try await CreatedContainer(try await blocking { try launcher.launch() })
    }

    /// Finds the running container whose files are in `directory`; nil when it does not run
    /// (any more), also when the machine was rebooted or a pid was given to another process.
    ///
    /// One whose keeper was killed is killed too: nobody would see its end.
    package func adopt(
        _ id: ContainerID,
        name: String,
        in directory: FilePath
    ) throws -> RunningContainer? {
        let folder = ContainerFolder(directory)
        guard let state = try folder.readState() else { return nil }
        let initProcess = try state.initProcess.open()
        guard let keeper = try state.keeper.open(), keeper.isAlive else {
            try initProcess?.signal(SIGKILL)
            return nil
        }
        return RunningContainer(
            id: id,
            name: name,
            folder: folder,
            cgroups: cgroups,
            keeper: keeper,
            initProcess: initProcess,
            initPID: state.init_pid,
            startedAtNanoseconds: state.started_at,
            warnings: []
        )
    }

    /// How the last run ended; nil while it runs and when it never ran. A run whose keeper was
    /// killed, or that a reboot ended, gives `.lost`.
    package func exitRecord(in directory: FilePath) throws -> ExitRecord? {
        let folder = ContainerFolder(directory)
        if let record = try folder.readExit() { return record }
        guard let state = try folder.readState() else { return nil }
        if let keeper = try state.keeper.open(), keeper.isAlive { return nil }
        // It may have written its record between the two looks.
        return try folder.readExit() ?? .lost(startedAtNanoseconds: state.started_at)
    }

    /// Starts a further process in a running container, in the sandbox of the container's spec; one
    /// with full privilege has every capability.
    package func exec(
        _ process: ProcessSpec,
        privilege: SecuritySpec.Privilege? = nil,
        in container: RunningContainer,
        of spec: ContainerSpec,
        stdio: ExecStdio
    ) async throws -> ExecProcess {
        let entry = Entry(
            runtime: self,
            process: process,
            privilege: privilege,
            container: container,
            spec: spec,
            stdio: stdio
        )
        do {
            return try await ExecProcess(try await blocking { try entry.launch() })
        } catch let error as RuntimeError {
            // The kernel's reasons are those of the way in ("cannot allocate memory").
            if container.initProcess?.isEnding == true { throw container.notRunning }
            throw error
        }
    }

    /// Sends a signal to a container's init; to one that has ended it is nothing.
    package func kill(_ container: RunningContainer, signal: Int32) throws {
        try container.initProcess?.signal(signal)
    }

    /// Ends a container that nobody may start any more, should a start that was under way have
    /// brought it up after all, and waits for its end.
    package func end(_ id: ContainerID, in directory: FilePath) throws {
        let folder = ContainerFolder(directory)
        guard let state = try folder.readState(), let keeper = try state.keeper.open() else {
            return
        }
        _ = try state.initProcess.open()?.signal(SIGKILL)
        // A keeper that is stopped does not see it: it is not waited for longer than this.
        if !keeper.waitForExit(atMost: .seconds(5)) { try keeper.signal(SIGKILL) }
        _ = keeper.waitForExit(atMost: .seconds(5))
    }

    /// Removes what a crash left of a container that does not run: its cgroups and what may still
    /// be in them. Idempotent.
    package func cleanUp(_ id: ContainerID, in directory: FilePath) throws {
        if let running = try adopt(id, name: id.short, in: directory) {
            throw RuntimeError(container: running.name, message: "it runs: stop it first")
        }
        try RuntimeError.naming(id.short) { () throws(RuntimeError) in
            try cgroups.killAndRemove(id)
        }
    }
}
