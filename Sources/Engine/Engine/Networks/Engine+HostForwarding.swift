import ContainerNetwork
import GRDB

/// What the host was before our first network is remembered here: the kernel's own note of it goes
/// when somebody flushes the firewall, and nobody could turn forwarding off again.
extension Engine {
    private static let fact = "hostWasNoRouter"

    /// Makes or repairs a network in the kernel.
    func ensure(_ network: NetworkConfiguration) async throws {
        let known = try await store.read { db in try Self.hostWasNoRouter(db) }
        let now = try await kernel.ensure(network, hostWasNoRouter: known)
        guard known == nil else { return }
        try await store.write { db in
            try db.run(
                "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                [Self.fact, now ? "1" : "0"]
            )
        }
    }

    /// nil before the first network.
    static func hostWasNoRouter(_ db: Database) throws -> Bool? {
        try db.texts("SELECT value FROM facts WHERE name = ?", [fact]).first.map { $0 == "1" }
    }

    /// Forgets it, with the last network and after a restart of the machine.
    static func forgetHostForwarding(_ db: Database) throws {
        try db.run("DELETE FROM facts WHERE name = ?", [fact])
    }
}
