import ContainerRuntime
import GRDB

extension EventRecord {
    init(row: Row) throws {
        sequence = row["sequence"]
        time = Timestamp(nanoseconds: row["time"])
        kind = try row.value("kind") { Kind(rawValue: $0) }
        action = row["action"]
        subject = row["subject"]
        name = row["name"]
        project = row["project"]
        attributes = try row.json("attributes")
    }

    /// Notes an event in the transaction that makes it true.
    static func note(
        _ kind: Kind,
        _ action: String,
        subject: String,
        name: String,
        project: String?,
        attributes: [String: String] = [:],
        _ db: Database
    ) throws {
        try db.run(
            """
            INSERT INTO events (time, kind, action, subject, name, project, attributes)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Timestamp.now().nanoseconds, kind.rawValue, action, subject, name, project,
                ColumnJSON.text(attributes),
            ]
        )
        if db.lastInsertedRowID % trimmedEvery == 0 { try trim(db) }
    }

    static func note(
        _ action: String,
        _ container: ContainerRecord,
        attributes: [String: String] = [:],
        _ db: Database
    ) throws {
        var attributes = attributes
        attributes[service] = container.service
        try note(
            .container,
            action,
            subject: container.id.text,
            name: container.name,
            project: container.project,
            attributes: attributes,
            db
        )
    }

    /// Notes an event of an image by its identifier, with its labels. `name` is the identifier where
    /// no reference is meant, as docker has it.
    static func note(
        _ action: String,
        image id: String,
        name: String? = nil,
        _ db: Database
    ) throws {
        try note(
            .image,
            action,
            subject: id,
            name: name ?? id,
            project: nil,
            attributes: action == "delete" ? [:] : try imageLabels(of: id, db),
            db
        )
    }

    /// Notes that an image came from a registry or went there: docker's subject is the reference.
    static func noteTransfer(
        _ action: String,
        of id: String,
        as reference: String,
        repository: String,
        _ db: Database
    ) throws {
        try note(
            .image,
            action,
            subject: reference,
            name: repository,
            project: nil,
            attributes: try imageLabels(of: id, db),
            db
        )
    }

    private static func imageLabels(of id: String, _ db: Database) throws -> [String: String] {
        let row = try db.row(
            """
            SELECT json_extract(CAST(configuration AS TEXT), '$.config.Labels') AS labels
            FROM images WHERE id = ? AND json_valid(CAST(configuration AS TEXT))
            """,
            [id]
        )
        let text: String? = row?["labels"]
        guard let row, text != nil else { return [:] }
        return try row.json("labels")
    }
}

// MARK: How many are kept

extension EventRecord {
    /// Older ones than so many are dropped.
    static let kept = 10_000

    /// Events that programs cause (health checks, `exec`) come without a command that recovers.
    private static let trimmedEvery: Int64 = 512

    /// Drops what is older, and what is known of containers that no event is about any more.
    static func trim(_ db: Database) throws {
        try db.run(
            "DELETE FROM events WHERE sequence <= (SELECT max(sequence) FROM events) - ?",
            [kept]
        )
        try db.run("DELETE FROM eventSubjects WHERE lastEvent < (SELECT min(sequence) FROM events)")
    }
}
