package import ContainerRuntime

extension Engine {
    /// Starts a further process in a running container, in the sandbox of the container's spec.
    /// Returns when its program is executed.
    ///
    /// `streams` are handed over: whoever keeps the far ends of their pipes keeps them from ending.
    /// - Throws: `EngineError` of kind `.conflict` for a container that does not run, `RuntimeError`
    ///   with docker's exit code for a program that cannot be executed.
    package func exec(
        _ request: ExecRequest,
        in container: ContainerRecord,
        streams: ExecStdio
    ) async throws -> NotedProcess {
        guard let running = try running(container.id, name: container.name) else {
            throw EngineError(
                .conflict,
                "cannot run \(request.arguments.first ?? "a command") in \(container.name)",
                because: "the container is not running"
            )
        }
        guard !container.isPaused else {
            throw EngineError(
                .conflict,
                "cannot run \(request.arguments.first ?? "a command") in \(container.name)",
                because: "the container is paused",
                remedy: "unpause it before"
            )
        }
        let spec = try container.spec
        return try await exec(
            request.process(in: spec),
            privilege: request.privilege,
            in: running,
            of: spec,
            streams: streams
        )
    }

    /// The same for who has the container at hand and has decided the process. Its events are written
    /// (docker's `exec_create` and `exec_start`).
    package func exec(
        _ process: ProcessSpec,
        privilege: SecuritySpec.Privilege? = nil,
        in container: RunningContainer,
        of spec: ContainerSpec,
        streams: ExecStdio
    ) async throws -> NotedProcess {
        let noted = await noteExec(process.arguments, in: container.id)
        let process = try await runtime.exec(
            process,
            privilege: privilege,
            in: container,
            of: spec,
            stdio: streams
        )
        return NotedProcess(process: process, noted: noted, engine: self)
    }
}

/// A further process that was started, with what its last event needs.
package struct NotedProcess: Sendable {
    /// To signal it, and to reach its terminal.
    package let process: ExecProcess
    let noted: NotedExec
    let engine: Engine

    /// Its exit code, as `ExecProcess.wait` gives it, and docker's `exec_die`.
    package func wait() async throws -> Int32 {
        let code = try await process.wait()
        await engine.noteEnd(of: noted, code: code)
        return code
    }
}
