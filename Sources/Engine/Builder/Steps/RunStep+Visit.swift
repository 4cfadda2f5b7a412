import ContainerRuntime
import Glibc
import Linux
import OCI
import SystemPackage

extension RunStep {
    /// Where somebody wants to look around in a step that failed: starts a shell on a terminal in the
    /// step's container, with its mounts, variables, working directory and user, on what the step left.
    /// Nothing of it is kept. What goes wrong with it is told and changes nothing about the failure.
    func letVisit(
        _ folder: FilePath,
        _ prepare: (FilePath) async throws -> RunMounts
    ) async throws {
        guard let visit = session.request.visitsFailure else { return }
        let id = ContainerID.random()
        do {
            try await open(id, in: folder, prepare, visit)
        } catch let error as CancellationError {
            throw error
        } catch {
            session.tell(.output(step, "no shell in this step: \(error)"))
        }
        try session.runtime.cleanUp(id, in: folder)
    }

    private func open(
        _ id: ContainerID,
        in folder: FilePath,
        _ prepare: (FilePath) async throws -> RunMounts,
        _ visit: @Sendable (AttachConnection, String) async throws -> Void
    ) async throws {
        // What the step mounted lies in its folder, and may have been written to.
        let place = folder.appending("visit")
        try makeDirectories(place)
        let mounts = try await prepare(place)
        var spec = try makeSpec(mounts, in: place)
        spec.process.arguments = shell
        spec.streams = .terminal(input: .open)
        spec.log.driver = LogSpec.Driver.none
        let created = try await session.runtime.create(
            spec,
            at: try await placement(id, in: folder, mounts),
            output: .log
        )
        let disconnect = try await connect(created)
        do {
            let connection = try await attach(folder)
            let running = try await created.start()
            for secret in mounts.secrets { try removeTree(secret) }
            do { try await visit(connection, step.title) } catch {
                try await end(running)
                throw error
            }
            try await end(running)
            await disconnect()
            withExtendedLifetime(mounts) {}
        } catch {
            await disconnect()
            throw error
        }
    }

    /// Its keeper listens as soon as it is there.
    private func attach(_ folder: FilePath) async throws -> AttachConnection {
        while true {
            let connection = try await AttachConnection.attachIfThere(
                to: step.title,
                in: folder,
                givesInput: true
            )
            if let connection { return connection }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func end(_ running: RunningContainer) async throws {
        // Most shells have ended by now.
        try? session.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }
}
