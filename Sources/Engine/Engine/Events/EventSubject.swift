import ContainerRuntime
import GRDB

/// What the events of a container say of it beside its name: that does not change while it is there.
package struct EventSubject: Hashable, Sendable {
    /// The reference that it was made from.
    package var image: String
    /// Its own labels.
    package var labels: [String: String]

    /// Names the reference and the labels.
    package init(image: String, labels: [String: String]) {
        self.image = image
        self.labels = labels
    }

    /// Keeps what is known of a container that is being removed, after its last event.
    static func keep(of container: ContainerRecord, _ db: Database) throws {
        try db.run(
            """
            INSERT OR REPLACE INTO eventSubjects (container, image, labels, lastEvent)
            SELECT id, json_extract(specJSON, '$.imageName'), labels, ?
            FROM containers WHERE id = ?
            """,
            [db.lastInsertedRowID, container.id.text]
        )
    }
}

extension Engine {
    /// What is known of the container of an event; nil where nobody knows any more.
    package func eventSubject(ofContainer id: String) async throws -> EventSubject? {
        try await store.read { db in
            let known =
                try db.row(
                    """
                    SELECT json_extract(specJSON, '$.imageName') AS image, labels
                    FROM containers WHERE id = ?
                    """,
                    [id]
                ) ?? db.row("SELECT image, labels FROM eventSubjects WHERE container = ?", [id])
            return try known.map { row in
                EventSubject(image: row["image"], labels: try row.json("labels"))
            }
        }
    }
}
