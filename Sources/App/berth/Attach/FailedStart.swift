import Engine
import Supervisor

extension Session {
    /// Starts a container that was made to run once, as `body` does it. One that never ran is of no
    /// use to anybody who wanted it gone (`removes`).
    func starting<R>(
        _ container: ContainerRecord,
        removes: Bool,
        _ body: () async throws -> R
    ) async throws -> R {
        do { return try await body() } catch {
            if removes {
                try await engine.removeContainers([container.id], withAnonymousVolumes: true)
            }
            throw error
        }
    }
}

extension SupervisorError {
    /// Docker's code of a program that could not be executed: 126, 127 or 255; nil for what is not
    /// the program's fault.
    var codeOfProgram: Int32? { exitCode.flatMap { [126, 127, 255].contains($0) ? $0 : nil } }
}
