import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Debian's docker-registry on port 5000 of a test's machine.
final class LocalRegistry: Sendable {
    private let program: Program
    private let log: URL
    private let hasEnded = Mutex(false)

    /// Starts it and waits until it answers.
    init(on machine: TestMachine) async throws {
        let storage = machine.folder.appending(path: "registry").path()
        let configuration = try machine.write(
            DebianRegistry.configuration(storage: storage, address: "127.0.0.1:5000"),
            to: "registry.yml"
        )
        log = machine.folder.appending(path: "registry.log")
        program = try machine.start(
            [
                "/bin/sh", "-c", "exec \"$@\" > \(log.path()) 2>&1", "sh",
                DebianRegistry.executable,
                "serve", configuration.path(),
            ],
            environment: DebianRegistry.environment
        )
        try await machine.until("the registry answers") {
            let probe = "exec 3<>/dev/tcp/127.0.0.1/5000"
            return try await machine.run(["/bin/bash", "-c", probe]).status == 0
        }
    }

    /// Lets it answer nobody until it goes on; connections are still taken.
    func pause() throws { try program.signal(SIGSTOP) }

    /// Lets it go on.
    func resume() throws { try program.signal(SIGCONT) }

    /// Ends it; every request of its life, `GET /v2/app/manifests/1`.
    @discardableResult
    func end() async throws -> [String] {
        let isOver = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return hasEnded
        }
        if !isOver {
            try program.signal(SIGTERM)
            _ = try await program.end()
        }
        return DebianRegistry.requests(in: try String(contentsOf: log, encoding: .utf8))
    }
}
