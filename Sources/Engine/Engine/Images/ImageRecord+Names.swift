import FoundationEssentials
import GRDB
import OCI

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
        // Capitals are no digits of identifiers, though LIKE takes them for the same.
        guard !hex.isEmpty,
            hex.allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase })
        else { return nil }
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
