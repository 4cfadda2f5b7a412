import GRDB
package import ImageStore
package import OCI

extension Engine {
    /// What `removeImage` did, in Docker's words.
    package enum ImageRemoval: Hashable, Sendable {
        case untagged(ImageReference)
        case deleted(Digest)
    }

    /// Removes a name, and the image with its last name; by identifier, the image with all its
    /// names. Containers made from it prevent that; `forced` then takes its names and leaves the
    /// image to them. `others` is what `collectImageGarbage` keeps besides.
    package func removeImage(
        matching text: String,
        forced: Bool = false,
        keeping others: @escaping @Sendable () throws -> StoreRoots = { StoreRoots() }
    ) async throws -> [ImageRemoval] {
        let removals = try await store.write { db in
            try ImageRemovalRequest(text, forced: forced, db).run(db)
        }
        let isDeleted = removals.contains { removal in
            if case .deleted = removal { true } else { false }
        }
        if isDeleted { try await collectImageGarbage(keeping: others) }
        return removals
    }
}

/// The transaction of `removeImage`.
private struct ImageRemovalRequest {
    let forced: Bool
    let attempt: String
    let image: ImageRecord
    /// All names of the image, canonical.
    let names: [String]
    /// The one that was written; nil when the image itself was named, by its identifier.
    let written: String?

    init(_ text: String, forced: Bool, _ db: Database) throws {
        self.forced = forced
        attempt = "cannot remove image `\(text)`"
        guard let image = try ImageRecord.matching(text, db) else {
            throw EngineError(.notFound, attempt, because: "no such image")
        }
        self.image = image
        let names = try db.texts(
            "SELECT reference FROM imageNames WHERE image = ? ORDER BY reference",
            [image.id.description]
        )
        self.names = names
        // A text that is no name means the image itself.
        let canonical = (try? ImageReference(text))?.resolvable.description
        written = canonical.flatMap { names.contains($0) ? $0 : nil }
    }

    func run(_ db: Database) throws -> [Engine.ImageRemoval] {
        // Names with a digest came along with a pull; they do not keep an image.
        let tags = names.filter { !$0.contains("@") }
        if let written, tags.contains(where: { $0 != written }) {
            return [try untag(written, db)].compactMap { $0 }
        }
        guard written != nil || tags.count < 2 || forced else {
            throw EngineError(
                .conflict,
                attempt,
                because: "several names lead to it: \(tags.joined(separator: ", "))",
                remedy: "remove them one by one, or use --force"
            )
        }
        let isUsed = try checkUsers(db)
        let untagged = try names.compactMap { try untag($0, db) }
        if isUsed { return untagged }
        try db.run("DELETE FROM images WHERE id = ?", [image.id.description])
        try EventRecord.note(
            .image,
            "delete",
            subject: image.id.description,
            name: image.id.description,
            project: nil,
            db
        )
        return untagged + [.deleted(image.id)]
    }

    private func untag(_ reference: String, _ db: Database) throws -> Engine.ImageRemoval? {
        try db.run("DELETE FROM imageNames WHERE reference = ?", [reference])
        try EventRecord.note(
            .image,
            "untag",
            subject: image.id.description,
            name: reference,
            project: nil,
            db
        )
        // It was written from a reference; one that cannot be read back has nothing to report.
        return (try? ImageReference(reference)).map { .untagged($0) }
    }

    /// Whether containers are made from it, which is refused unless `forced`.
    private func checkUsers(_ db: Database) throws -> Bool {
        let users = try db.texts(
            "SELECT name FROM containers WHERE image = ? AND NOT isRemoving ORDER BY name",
            [image.id.description]
        )
        guard users.isEmpty || forced else {
            throw EngineError(
                .inUse,
                attempt,
                because: "containers are made from it: \(users.joined(separator: ", "))",
                remedy: "remove them first"
            )
        }
        return !users.isEmpty
    }
}
