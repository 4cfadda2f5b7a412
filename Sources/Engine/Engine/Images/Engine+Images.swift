import GRDB
package import OCI

extension Engine {
    /// Writes down an image whose layers and blobs are all in the store, and the names that lead to
    /// it from now on. One that is known already only gets the names.
    package func record(
        _ image: ImageRecord,
        as names: [ImageReference],
        by origin: ImageOrigin = .build
    ) async throws {
        try await store.write { db in
            try image.insertUnlessKnown(db)
            for name in names { try ImageName.point(name, to: image, db) }
            try origin.note(image, names, db)
        }
    }

    /// The image a user means by a name, an identifier or the start of one; nil when it is not here.
    package func image(matching text: String) async throws -> ImageRecord? {
        try await store.read { db in try ImageRecord.matching(text, db) }
    }

    /// When a name was last given to its image, by a pull, a build or a tag; nil where it leads to none.
    /// - Throws: an `EngineError` when the records cannot be read.
    package func lastTagged(_ text: String) async throws -> Timestamp? {
        // `try?`: what is no name was never given.
        guard let name = try? ImageReference(text) else { return nil }
        return try await store.read { db in
            try ImageName.named(name.resolvable.description, db)?.updatedAt
        }
    }

    /// The record of an image by its id; nil where it is not in the store.
    /// - Throws: an `EngineError` when the records cannot be read.
    package func image(_ id: Digest) async throws -> ImageRecord? {
        try await store.read { db in try ImageRecord.identified(id, db) }
    }

    /// Every image, newest first, with its names.
    package func images() async throws -> [(image: ImageRecord, names: [ImageName])] {
        try await store.read { db in
            let names = Dictionary(
                grouping: try db.rows("SELECT * FROM imageNames ORDER BY reference")
                    .map(ImageName.init(row:)),
                by: \.image
            )
            let rows = try db.rows("\(ImageRecord.all) ORDER BY recordedAt DESC, id")
            return try rows.map { row in
                let image = try ImageRecord(row: row)
                return (image, names[image.id] ?? [])
            }
        }
    }

    /// Lets another name lead to an image, as it came under the name it was asked for.
    package func tagImage(_ image: ImageRecord, as name: ImageReference) async throws {
        try await store.write { db in
            guard try db.has("SELECT 1 FROM images WHERE id = ?", [image.id.description])
            else {
                throw EngineError(
                    .notFound,
                    "cannot tag `\(name.familiar)`",
                    because: "no such image: \(image.id)"
                )
            }
            try ImageName.point(name, to: image, db)
            try EventRecord.note(
                "tag",
                image: "\(image.id)",
                name: name.resolvable.familiar,
                db
            )
        }
    }
}
