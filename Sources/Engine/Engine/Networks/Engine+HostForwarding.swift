import ContainerNetwork
import GRDB

/// What the host was before our first network is remembered here: the kernel's own note of it goes
/// when somebody flushes the firewall, and nobody could turn forwarding off again.
extension Engine {
    private static let fact = "hostWasNoRouter"
    private static let ipv6Fact = "hostWasNoIPv6Router"

    /// Makes or repairs a network in the kernel.
    func ensure(_ network: NetworkConfiguration) async throws {
        let known = try await store.read { db in try Self.formerForwarding(db) }
        let now = try await kernel.ensure(network, before: known)
        guard now != known else { return }
        let facts = [(Self.fact, now.ipv4WasOff), (Self.ipv6Fact, now.ipv6WasOff)]
        try await store.write { db in
            for (name, value) in facts {
                guard let value else { continue }
                try db.run(
                    "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                    [name, value ? "1" : "0"]
                )
            }
        }
    }

    /// What is not known before the first network of a family.
    static func formerForwarding(_ db: Database) throws -> FormerForwarding {
        var former = FormerForwarding()
        for row in try db.rows(
            "SELECT name, value FROM facts WHERE name IN (?, ?)",
            [fact, ipv6Fact]
        ) {
            let wasOff = row["value"] == "1"
            if row["name"] == fact {
                former.ipv4WasOff = wasOff
            } else {
                former.ipv6WasOff = wasOff
            }
        }
        return former
    }

    /// Forgets it, with the last network and after a restart of the machine.
    static func forgetHostForwarding(_ db: Database) throws {
        try db.run("DELETE FROM facts WHERE name IN (?, ?)", [fact, ipv6Fact])
    }
}
