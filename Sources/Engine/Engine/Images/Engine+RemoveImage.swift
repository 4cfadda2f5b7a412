import Builder
import GRDB
package import OCI

extension Engine {
    /// What `removeImage` did, in Docker's words.
    package enum ImageRemoval: Hashable, Sendable {
        case untagged(ImageReference)
        case deleted(Digest)
        /// A layer that no other image has, by its chain.
        case deletedLayer(Digest)
    }

    /// Removes a name, and the image with its last name; by identifier, the image with all its
    /// names. Docker's rules: what is in the way of that, and what `forced` is good for.
    ///
    /// Who removes several images collects once, afterwards.
    package func removeImage(
        matching text: String,
        forced: Bool = false,
        collects: Bool = true
    ) async throws -> [ImageRemoval] {
        let kept = try buildCache.layers()
        let mounts = try imageMounts()
        let removals = try await store.writeEnd { db in
            let request = try ImageRemovalRequest(
                text,
                forced: forced,
                keeping: kept,
                mounts,
                db
            )
            return try request.run(db) + request.removeListed(db)
        }
        let isDeleted = removals.contains { removal in
            if case .deleted = removal { true } else { false }
        }
        if isDeleted, collects { try await collectImageGarbage() }
        return removals
    }
}

extension EngineError {
    /// Docker's words for an image that is not here.
    package static func noSuchImage(_ text: String) -> EngineError {
        let name: ImageReference
        do {
            name = try ImageReference(text)
        } catch {
            // An identifier is no name.
            let isIdentifier = Digest(text) != nil || Digest(hex: text) != nil
            let reason = isIdentifier ? "No such image: \(text)" : "\(error)"
            return EngineError(.notFound, "", because: reason)
        }
        return EngineError(.notFound, "", because: "No such image: \(name.tagged.familiar)")
    }
}

/// The transaction of `removeImage`.
private struct ImageRemovalRequest {
    let forced: Bool
    let text: String
    let image: ImageRecord
    let keptLayers: Set<Digest>
    private let mounts: [ImageMount]
    /// The name that was written, canonical; nil when the image itself was named.
    let written: ImageReference?

    init(
        _ text: String,
        forced: Bool,
        keeping layers: Set<Digest>,
        _ mounts: [ImageMount],
        _ db: Database
    ) throws {
        self.text = text
        self.mounts = mounts
        self.forced = forced
        keptLayers = layers
        guard let image = try ImageRecord.matching(text, db) else {
            throw EngineError.noSuchImage(text)
        }
        self.image = image
        let isIdentifier = image.id.hex.hasPrefix(text) || image.id.description.hasPrefix(text)
        written = isIdentifier ? nil : try ImageReference(text).resolvable
    }

    func run(_ db: Database) throws -> [Engine.ImageRemoval] {
        let names = try ImageName.references(to: image.id, db)
        var removals: [Engine.ImageRemoval] = []
        if let written {
            try refuseLastNameInUse(names, db)
            removals.append(try untag(written, db))
            var left = names.filter { $0 != written }
            // Names with a digest came along with a tag of their repository and go with the last.
            if written.digest == nil,
                !left.contains(where: { $0.name == written.name && $0.digest == nil })
            {
                for name in left where name.name == written.name {
                    removals.append(try untag(name, db))
                }
                left.removeAll { $0.name == written.name }
            }
            guard left.isEmpty else { return removals }
            // Whoever uses it keeps the image, and the name goes all the same.
            guard try users(db).isEmpty else { return removals }
        } else {
            if !Self.isSingle(names), !forced {
                throw conflict("must be forced", "image is referenced in multiple repositories")
            }
            try refuseInUse(names, db)
            removals += try names.map { try untag($0, db) }
            guard try users(db).isEmpty else { return removals }
        }
        if let mount = mounts.first(where: { $0.image == image.id }) {
            throw conflict("cannot be forced", "image is mounted at \(mount.path)", .inUse)
        }
        return removals + (try delete(image, db))
    }

    /// What the index of a tag that went lists besides goes with the last such tag of the repository, as far
    /// as nobody uses it: it has no name but the digest that it got with the tag.
    func removeListed(_ db: Database) throws -> [Engine.ImageRemoval] {
        guard let index = image.index else { return [] }
        var removals: [Engine.ImageRemoval] = []
        let rows = try db.rows(
            """
            SELECT * FROM imageNames WHERE imageIndex = ? AND reference LIKE '%@%' AND image <> ?
            ORDER BY reference
            """,
            [index.description, image.id.description]
        )
        for name in try rows.map(ImageName.init(row:)) {
            let reference = try ImageReference(name.reference)
            let isListed = try db.has(
                """
                SELECT 1 FROM imageNames
                WHERE imageIndex = ?1 AND substr(reference, 1, length(?2)) = ?2
                """,
                [index.description, "\(reference.name):"]
            )
            guard !isListed, let other = try ImageRecord.identified(name.image, db) else {
                continue
            }
            removals.append(try untag(reference, of: other, db))
            let isFree =
                try users(of: other, db).isEmpty && !mounts.contains { $0.image == other.id }
            if isFree, try ImageName.references(to: other.id, db).isEmpty {
                removals += try delete(other, db)
            }
        }
        return removals
    }

    /// At most one tag, and everything in one repository.
    private static func isSingle(_ names: [ImageReference]) -> Bool {
        names.filter { $0.digest == nil }.count <= 1 && Set(names.map(\.name)).count <= 1
    }

    /// Taking away the last name would leave a nameless image behind a container's back.
    private func refuseLastNameInUse(_ names: [ImageReference], _ db: Database) throws {
        guard !forced, Self.isSingle(names), let user = try users(db).first else { return }
        throw EngineError(
            .inUse,
            "",
            because: "conflict: unable to remove repository reference \"\(text)\" (must force) - "
                + "container \(user.id) is using its referenced image \(image.id.short)"
        )
    }

    /// By identifier the image itself is meant: a running container is in the way of that, and a
    /// stopped one where nothing is left to be taken away but the image that it starts from.
    private func refuseInUse(_ names: [ImageReference], _ db: Database) throws {
        let users = try users(db)
        if let user = users.first(where: \.isRunning) {
            throw conflict(
                "cannot be forced",
                "image is being used by running container \(user.id)",
                .inUse
            )
        }
        guard let user = users.first, !forced || names.isEmpty else { return }
        throw conflict(
            forced ? "cannot be forced" : "must be forced",
            "image is being used by stopped container \(user.id)",
            .inUse
        )
    }

    private func conflict(
        _ force: String,
        _ reason: String,
        _ kind: EngineError.Kind = .conflict
    ) -> EngineError {
        EngineError(
            kind,
            "",
            because: "conflict: unable to delete \(image.id.short) (\(force)) - \(reason)"
        )
    }

    private struct User {
        var id: String
        var isRunning: Bool
    }

    private func users(_ db: Database) throws -> [User] { try users(of: image, db) }

    private func users(of image: ImageRecord, _ db: Database) throws -> [User] {
        try db.rows(
            """
            SELECT id, status FROM containers WHERE NOT isRemoving AND (
                image = ? OR id IN (SELECT container FROM imageUses WHERE imageUses.image = ?)
            )
            ORDER BY createdAt
            """,
            [image.id.description, image.id.description]
        ).map { row in
            let (id, status): (String, String) = (row["id"], row["status"])
            return User(
                id: String(id.prefix(12)),
                isRunning: ["running", "restarting"].contains(status)
            )
        }
    }

    private func untag(_ name: ImageReference, _ db: Database) throws -> Engine.ImageRemoval {
        try untag(name, of: image, db)
    }

    private func untag(
        _ name: ImageReference,
        of image: ImageRecord,
        _ db: Database
    ) throws -> Engine.ImageRemoval {
        try ImageName.remove(name, db)
        try EventRecord.note("untag", image: "\(image.id)", db)
        return .untagged(name)
    }

    private func delete(_ image: ImageRecord, _ db: Database) throws -> [Engine.ImageRemoval] {
        try db.run("DELETE FROM images WHERE id = ?", [image.id.description])
        try EventRecord.note("delete", image: "\(image.id)", db)
        var kept: Set<Digest> = []
        for row in try db.rows("SELECT layers FROM images") {
            let layers = try row.json("layers", as: [ImageRecord.Layer].self)
            kept.formUnion(Digest.chain(layers.map(\.diffID)))
        }
        let layers = image.layers.map(\.diffID)
        let gone = zip(layers, Digest.chain(layers)).filter { layer, chain in
            !kept.contains(chain) && !keptLayers.contains(layer)
        }
        return [.deleted(image.id)] + gone.reversed().map { .deletedLayer($0.1) }
    }
}

extension ImageName {
    /// Every name of an image, by its text.
    fileprivate static func references(
        to image: Digest,
        _ db: Database
    ) throws -> [ImageReference] {
        try db.texts(
            "SELECT reference FROM imageNames WHERE image = ? ORDER BY reference",
            [image.description]
        ).map { try ImageReference($0) }
    }
}
