import ContainerRuntime
import Engine
import Glibc
import Linux

extension Session {
    /// The container that a user of docker's words means, and the records that have it.
    static func holding(container text: String) async throws -> (ContainerRecord, Session) {
        guard let session = try openIfAny() else {
            throw Failure(engine: "No such container: \(text)")
        }
        do {
            return (try await session.engine.container(matching: text), session)
        } catch let error as EngineError where error.kind == .notFound {
            throw Failure(engine: "No such container: \(text)")
        }
    }

    /// Writes a container's file system to a file or stdout.
    func export(_ id: ContainerID, to path: String?) async throws {
        let target = try ArchiveOutput(path, doing: "export")
        try await target.fill {
            try await engine.exportFileSystem(of: id) { try target.write($0) }
        }
    }

    /// Makes an image of a container and prints its identifier. While the container stands still,
    /// SIGINT and its like wait: it must not be left so.
    func commit(_ id: ContainerID, _ request: CommitRequest) async throws {
        let signals = request.pauses ? try Signals.stream([SIGINT, SIGTERM, SIGHUP]) : nil
        let image = try await engine.commit(id, request)
        withExtendedLifetime(signals) { Terminal.line("\(image.id)") }
    }
}
