import FoundationEssentials
import GRDB
package import OCI

extension Engine {
    /// Writes down an image whose layers and blobs are all in the store, and the names that lead to
    /// it from now on. One that is known already only gets the names.
    package func record(_ image: ImageRecord, as names: [ImageReference]) async throws {
        try await store.write { db in
            try image.insertUnlessKnown(db)
            for name in names { try ImageName.point(name, to: image.id, db) }
        }
    }

    /// The image a user means by a name, an identifier or the start of one; nil when it is not here.
    package func image(matching text: String) async throws -> ImageRecord? {
        try await store.read { db in try ImageRecord.matching(text, db) }
    }

    package func image(_ id: Digest) async throws -> ImageRecord? {
        try await store.read { db in
            try db.row("SELECT * FROM images WHERE id = ?", [id.description])
                .map(ImageRecord.init(row:))
        }
    }

    /// Every image, newest first, with its names.
    package func images() async throws -> [(image: ImageRecord, names: [ImageName])] {
        try await store.read { db in
            let names = Dictionary(
                grouping: try db.rows("SELECT * FROM imageNames ORDER BY reference")
                    .map(ImageName.init(row:)),
                by: \.image
            )
            return try db.rows("SELECT * FROM images ORDER BY recordedAt DESC, id").map { row in
                let image = try ImageRecord(row: row)
                return (image, names[image.id] ?? [])
            }
        }
    }

    /// Lets another name lead to an image.
    package func tagImage(_ id: Digest, as name: ImageReference) async throws {
        try await store.write { db in
            guard try db.has("SELECT 1 FROM images WHERE id = ?", [id.description]) else {
                throw EngineError(
                    .notFound,
                    "cannot tag `\(name.familiar)`",
                    because: "no such image: \(id)"
                )
            }
            try ImageName.point(name, to: id, db)
        }
    }

    /// What `removeImage` did, in Docker's words.
    package enum ImageRemoval: Hashable, Sendable {
        case untagged(ImageReference)
        case deleted(Digest)
    }

    /// Removes a name, and the image with its last name; by identifier, the image with all its
    /// names. A container made from it, running or not, prevents the latter unless `forced`; one
    /// that runs always does.
    package func removeImage(
        matching text: String,
        forced: Bool = false
    ) async throws -> [ImageRemoval] {
        try await store.write { db in
            try ImageRemovals.remove(text, forced: forced, db)
        }
    }
}

/// The transaction of `removeImage`.
private enum ImageRemovals {
    static func remove(
        _ text: String,
        forced: Bool,
        _ db: Database
    ) throws -> [Engine.ImageRemoval] {
        let attempt = "cannot remove image `\(text)`"
        guard let image = try ImageRecord.matching(text, db) else {
            throw EngineError(.notFound, attempt, because: "no such image")
        }
        let names = try db.texts(
            "SELECT reference FROM imageNames WHERE image = ? ORDER BY reference",
            [image.id.description]
        )
        // A text that is no name means the image itself.
        let asked = (try? ImageReference(text))?.resolvable.description
        // Names with a digest came along with a pull; they do not keep an image.
        let tags = names.filter { !$0.contains("@") }
        if let asked, names.contains(asked) {
            if tags.contains(where: { $0 != asked }) {
                return [try untag(asked, db)].compactMap { $0 }
            }
        } else if tags.count > 1, !forced {
            throw EngineError(
                .conflict,
                attempt,
                because: "several names lead to it: \(tags.joined(separator: ", "))",
                remedy: "remove them one by one, or use --force"
            )
        }
        try refuseUsed(image, attempt: attempt, forced: forced, db)
        var removals = try names.compactMap { try untag($0, db) }
        try db.run("DELETE FROM images WHERE id = ?", [image.id.description])
        try EventRecord.note(
            .image,
            "delete",
            subject: image.id.description,
            name: image.id.description,
            project: nil,
            db
        )
        removals.append(.deleted(image.id))
        return removals
    }

    private static func untag(
        _ reference: String,
        _ db: Database
    ) throws -> Engine.ImageRemoval? {
        try db.run("DELETE FROM imageNames WHERE reference = ?", [reference])
        try EventRecord.note(
            .image,
            "untag",
            subject: reference,
            name: reference,
            project: nil,
            db
        )
        // It was written from a reference; one that cannot be read back has nothing to report.
        return (try? ImageReference(reference)).map { .untagged($0) }
    }

    private static func refuseUsed(
        _ image: ImageRecord,
        attempt: String,
        forced: Bool,
        _ db: Database
    ) throws {
        let condition = forced ? "AND status = 'running'" : ""
        let users = try db.texts(
            """
            SELECT name FROM containers WHERE image = ? AND NOT isRemoving \(condition)
            ORDER BY name
            """,
            [image.id.description]
        )
        guard users.isEmpty else {
            throw EngineError(
                .inUse,
                attempt,
                because: "containers are made from it: \(users.joined(separator: ", "))",
                remedy: forced ? "stop them first" : "remove them first"
            )
        }
    }
}

extension ImageRecord {
    /// By name, by whole identifier, or by the start of one that no other has.
    static func matching(_ text: String, _ db: Database) throws -> ImageRecord? {
        func first(_ sql: String, _ argument: String) throws -> ImageRecord? {
            try db.row(sql, [argument]).map(Self.init(row:))
        }
        let byID = "SELECT * FROM images WHERE id = ?"
        if let digest = Digest(hex: text) ?? Digest(text) { return try first(byID, "\(digest)") }
        // A text that is no name may still be the start of an identifier.
        if let reference = try? ImageReference(text) {
            let named = try first(
                """
                SELECT images.* FROM imageNames JOIN images ON images.id = imageNames.image
                WHERE imageNames.reference = ?
                """,
                reference.resolvable.description
            )
            if let named { return named }
        }
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        guard !hex.isEmpty, hex.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        let found = try db.rows("SELECT * FROM images WHERE id LIKE ? LIMIT 2", ["sha256:\(hex)%"])
        guard found.count < 2 else {
            throw EngineError(
                .conflict,
                "cannot find image `\(text)`",
                because: "several identifiers start with it",
                remedy: "write more digits"
            )
        }
        return try found.first.map(Self.init(row:))
    }

    func insertUnlessKnown(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO images (id, manifest, configuration, layers, sizeBytes, recordedAt)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET manifest = coalesce(excluded.manifest, manifest),
                layers = CASE WHEN excluded.manifest IS NULL THEN layers
                    ELSE excluded.layers END
            """,
            [
                id.description, manifest?.description, Data(configuration),
                try ColumnJSON.text(layers), sizeBytes, recordedAt.nanoseconds,
            ]
        )
    }
}

extension ImageName {
    /// Makes a name lead to an image, wherever it led before.
    static func point(_ name: ImageReference, to image: Digest, _ db: Database) throws {
        let reference = name.resolvable.description
        try db.run(
            """
            INSERT INTO imageNames (reference, image, updatedAt) VALUES (?, ?, ?)
            ON CONFLICT (reference) DO UPDATE SET image = excluded.image,
                updatedAt = excluded.updatedAt
            """,
            [reference, image.description, Timestamp.now().nanoseconds]
        )
        try EventRecord.note(
            .image,
            "tag",
            subject: image.description,
            name: reference,
            project: nil,
            db
        )
    }
}
