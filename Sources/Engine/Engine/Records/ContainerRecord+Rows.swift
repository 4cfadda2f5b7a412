import ContainerRuntime
import GRDB
import OCI

extension ContainerRecord {
    init(row: Row) throws {
        self.init(
            id: try row.value("id") { ContainerID($0) },
            name: row["name"],
            image: try row.value("image") { Digest($0) },
            specJSON: row["specJSON"],
            specHash: try row.value("specHash") { Digest($0) },
            createdAt: Timestamp(nanoseconds: row["createdAt"])
        )
        project = row["project"]
        service = row["service"]
        number = row["number"]
        isOneOff = row["isOneOff"]
        labels = try row.json("labels")
        desired = try row.value("desired") { Desired(rawValue: $0) }
        status = try row.value("status") { Status(rawValue: $0) }
        isPaused = row["isPaused"]
        health = (row["health"] as String?).flatMap { Health(rawValue: $0) }
        startedAt = row.moment("startedAt")
        finishedAt = row.moment("finishedAt")
        exitCode = row["exitCode"]
        oomKilled = row["oomKilled"]
        restartCount = row["restartCount"]
        error = row["error"]
        published = try row.json("published")
        isRemoving = row["isRemoving"]
    }

    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO containers (id, name, project, service, number, isOneOff, image, specJSON,
                specHash, labels, createdAt, desired, status, health, startedAt, finishedAt,
                exitCode, oomKilled, restartCount, error, published, isRemoving)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, name, project, service, number, isOneOff, image.description, specJSON,
                specHash.description, ColumnJSON.text(labels), createdAt.nanoseconds,
                desired.rawValue, status.rawValue, health?.rawValue, startedAt?.nanoseconds,
                finishedAt?.nanoseconds, exitCode, oomKilled, restartCount, error,
                try ColumnJSON.text(published), isRemoving,
            ]
        )
    }

    /// Writes what changes during a container's life; identity, spec and labels stay.
    func updateState(_ db: Database) throws {
        try db.run(
            """
            UPDATE containers SET desired = ?, status = ?, health = ?, startedAt = ?,
                finishedAt = ?, exitCode = ?, oomKilled = ?, restartCount = ?, error = ?,
                published = ?, isRemoving = ?, isPaused = ?
            WHERE id = ?
            """,
            [
                desired.rawValue, status.rawValue, health?.rawValue, startedAt?.nanoseconds,
                finishedAt?.nanoseconds, exitCode, oomKilled, restartCount, error,
                try ColumnJSON.text(published), isRemoving, isPaused, id.text,
            ]
        )
    }

    static func find(_ id: ContainerID, _ db: Database) throws -> ContainerRecord? {
        try db.row("SELECT * FROM containers WHERE id = ?", [id.text]).map(Self.init(row:))
    }
}
