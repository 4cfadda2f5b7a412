import FoundationEssentials
import GRDB
import OCI

extension ImageRecord {
    /// By name, by whole identifier, or by the start of one that no other has.
    static func matching(_ text: String, _ db: Database) throws -> ImageRecord? {
        if let digest = Digest(hex: text) ?? Digest(text) { return try identified(digest, db) }
        // A text that is no name may still be the start of an identifier.
        if let reference = try? ImageReference(text), let found = try named(reference, db) {
            return found
        }
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        // Capitals are no digits of identifiers, though LIKE takes them for the same.
        guard !hex.isEmpty,
            hex.allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase })
        else { return nil }
        let found = try db.rows("\(all) WHERE id LIKE ? LIMIT 2", ["sha256:\(hex)%"])
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

    /// Images by their identifiers.
    static let all = """
        SELECT *, (
            SELECT imageIndex FROM imageNames
            WHERE image = images.id AND manifest = images.manifest AND imageIndex IS NOT NULL
            ORDER BY updatedAt, reference LIMIT 1
        ) AS imageIndex FROM images
        """

    /// Images by their names, each as it came under that name.
    private static let allNamed = """
        SELECT images.id, images.configuration, images.sizeBytes, images.recordedAt,
            coalesce(imageNames.manifest, images.manifest) AS manifest,
            coalesce(imageNames.layers, images.layers) AS layers, imageNames.imageIndex
        FROM imageNames JOIN images ON images.id = imageNames.image
        """

    static func identified(_ id: Digest, _ db: Database) throws -> ImageRecord? {
        try db.row("\(all) WHERE id = ?", [id.description]).map(Self.init(row:))
    }

    /// The image that a name leads to, as it came under that name.
    static func named(_ name: ImageReference, _ db: Database) throws -> ImageRecord? {
        let reference = name.resolvable.description
        return try db.row("\(allNamed) WHERE imageNames.reference = ?", [reference])
            .map(Self.init(row:))
    }

    /// Every image by each of its manifests.
    static func every(_ db: Database) throws -> [ImageRecord] {
        let rows =
            try db.rows(all)
            + db.rows("\(allNamed) WHERE imageNames.manifest IS NOT images.manifest")
        return try rows.map(Self.init(row:))
    }

    /// Writes the image down. One that is known keeps the manifest it came by first.
    func insertUnlessKnown(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO images (id, manifest, configuration, layers, sizeBytes, recordedAt)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET manifest = coalesce(manifest, excluded.manifest),
                layers = CASE WHEN coalesce(manifest, excluded.manifest) IS excluded.manifest
                    THEN excluded.layers ELSE layers END
            """,
            [
                id.description, manifest?.description, Data(configuration),
                try ColumnJSON.text(layers), sizeBytes, recordedAt.nanoseconds,
            ]
        )
    }
}

extension ImageName {
    /// Makes a name lead to an image as it came, wherever it led before.
    static func point(_ name: ImageReference, to image: ImageRecord, _ db: Database) throws {
        let reference = name.resolvable.description
        let before = try named(reference, db)
        try db.run(
            """
            INSERT INTO imageNames (reference, image, updatedAt, manifest, layers, imageIndex)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (reference) DO UPDATE SET image = excluded.image,
                updatedAt = excluded.updatedAt, manifest = excluded.manifest,
                layers = excluded.layers, imageIndex = excluded.imageIndex
            """,
            [
                reference, image.id.description, Timestamp.now().nanoseconds,
                image.manifest?.description,
                try image.manifest.map { _ in try ColumnJSON.text(image.layers) },
                image.index?.description,
            ]
        )
        try before?.release(db)
    }

    /// Takes a name away, with the manifest that only it had.
    static func remove(_ name: ImageReference, _ db: Database) throws {
        let before = try named(name.description, db)
        try db.run("DELETE FROM imageNames WHERE reference = ?", [name.description])
        try before?.release(db)
    }

    static func named(_ reference: String, _ db: Database) throws -> ImageName? {
        try db.row("SELECT * FROM imageNames WHERE reference = ?", [reference])
            .map(Self.init(row:))
    }

    /// After a name has left its manifest: where the identifier meant that one too, and nobody else
    /// does, it means the oldest of the names that are left. An image without names keeps its own.
    private func release(_ db: Database) throws {
        guard let manifest else { return }
        let leaving: StatementArguments = [image.description, manifest.description]
        // Asked first, since the oldest of an image's names is found by looking at all of them.
        guard try !db.has("SELECT 1 FROM imageNames WHERE image = ? AND manifest = ?", leaving)
        else { return }
        try db.run(
            """
            UPDATE images SET manifest = other.manifest, layers = other.layers
            FROM (
                SELECT manifest, layers FROM imageNames
                WHERE image = ?1 AND manifest IS NOT NULL ORDER BY updatedAt, reference LIMIT 1
            ) AS other
            WHERE id = ?1 AND images.manifest = ?2
            """,
            leaving
        )
    }
}
