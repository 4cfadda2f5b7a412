package import ContainerRuntime
import GRDB

extension Engine {
    /// The record of one container, as it was written last. `observe` checks it.
    package func container(_ id: ContainerID) async throws -> ContainerRecord {
        let record = try await store.read { db in try ContainerRecord.find(id, db) }
        guard let record, !record.isRemoving else {
            throw EngineError(
                .notFound,
                "cannot find container \(id.short)",
                because: "no such container"
            )
        }
        return record
    }

    /// The container a user means: by name, by whole identifier, or by the start of one that no
    /// other has.
    package func container(matching text: String) async throws -> ContainerRecord {
        let attempt = "cannot find container `\(text)`"
        let records = try await store.read { db in
            let named = try db.rows(
                "SELECT * FROM containers WHERE name = ? AND NOT isRemoving",
                [text]
            )
            // Only digits: neither `%` nor `_` reaches LIKE.
            let isPrefix = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isHexDigit }
            guard named.isEmpty, isPrefix else {
                return try named.map(ContainerRecord.init(row:))
            }
            return try db.rows(
                "SELECT * FROM containers WHERE id LIKE ? AND NOT isRemoving LIMIT 2",
                [text + "%"]
            ).map(ContainerRecord.init(row:))
        }
        guard let first = records.first else {
            throw EngineError(.notFound, attempt, because: "no such container")
        }
        guard records.count == 1 else {
            throw EngineError(
                .conflict,
                attempt,
                because: "several identifiers start with it",
                remedy: "write more digits"
            )
        }
        return first
    }

    /// The records of a project's containers, by service and number; of the whole machine for nil.
    /// As they were written last: `observe` checks them.
    package func containers(ofProject project: String?) async throws -> [ContainerRecord] {
        try await store.read { db in try ContainerRecord.all(ofProject: project, db) }
    }
}

extension ContainerRecord {
    /// All but those that are being removed.
    static func all(ofProject project: String?, _ db: Database) throws -> [ContainerRecord] {
        let order = "ORDER BY project, service, isOneOff, number, createdAt, name"
        let rows =
            if let project {
                try db.rows(
                    "SELECT * FROM containers WHERE project = ? AND NOT isRemoving \(order)",
                    [project]
                )
            } else {
                try db.rows("SELECT * FROM containers WHERE NOT isRemoving \(order)")
            }
        return try rows.map(Self.init(row:))
    }
}
