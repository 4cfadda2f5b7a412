import GRDB

extension Engine {
    /// What happened after the event of that number, oldest first, at most so many.
    package func events(after sequence: Int64, limit: Int = 1000) async throws -> [EventRecord] {
        try await store.read { db in
            try db.rows(
                "SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?",
                [sequence, limit]
            ).map(EventRecord.init(row:))
        }
    }

    /// The number of the newest event; 0 without any.
    package func lastEvent() async throws -> Int64 {
        try await store.read { db in
            try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM events") ?? 0
        }
    }
}
