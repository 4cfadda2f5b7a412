import GRDB
import OCI

/// Which repositories have a blob, as far as pulls and pushes have shown: from them a registry can
/// take it over without having it sent.
enum BlobSources {
    /// As many repositories are remembered of one blob.
    private static let limit = 50

    /// Notes that a repository has these blobs.
    static func note(_ blobs: [Digest], in repository: ImageReference, _ db: Database) throws {
        let now = Timestamp.now().nanoseconds
        for blob in Set(blobs) {
            try db.run(
                """
                INSERT INTO blobSources (blob, repository, seenAt) VALUES (?, ?, ?)
                ON CONFLICT (blob, repository) DO UPDATE SET seenAt = excluded.seenAt
                """,
                [blob.description, repository.name, now]
            )
            try db.run(
                """
                DELETE FROM blobSources WHERE blob = ?1 AND repository NOT IN (
                    SELECT repository FROM blobSources WHERE blob = ?1
                    ORDER BY seenAt DESC, repository LIMIT ?2
                )
                """,
                [blob.description, limit]
            )
        }
    }

    /// Paths of the repositories of a registry that have a blob, last seen first.
    static func paths(of blob: Digest, at domain: String, _ db: Database) throws -> [String] {
        try db.texts(
            """
            SELECT repository FROM blobSources WHERE blob = ? AND repository LIKE ? || '/%'
            ORDER BY seenAt DESC, repository
            """,
            [blob.description, domain]
        )
        .filter { $0.hasPrefix("\(domain)/") }
        .map { String($0.dropFirst(domain.count + 1)) }
    }

    /// Forgets blobs that nothing here needs any more.
    static func forget(except blobs: Set<Digest>, _ db: Database) throws {
        for text in try db.texts("SELECT DISTINCT blob FROM blobSources") {
            if let blob = Digest(text), blobs.contains(blob) { continue }
            try db.run("DELETE FROM blobSources WHERE blob = ?", [text])
        }
    }
}
