import GRDB
import ImageStore
import Linux
package import OCI
package import Registry

extension Engine {
    /// Pushes the image that a tag leads to, and notes under which digest it is there from now on.
    ///
    /// An image that came with an index goes with that if the repository then has everything that
    /// the index lists, so that the tag has the same digest there; otherwise alone. `platform`
    /// chooses one of the index's images.
    /// `progress` is called often, from any thread.
    package func push(
        _ reference: ImageReference,
        platform: Platform? = nil,
        client: RegistryClient? = nil,
        slots: TransferSlots = TransferSlots(TransferSlots.uploads),
        progress: @escaping @Sendable (PushProgress) -> Void = { _ in }
    ) async throws -> PushedImage {
        guard reference.digest == nil else {
            throw EngineError(
                .invalid,
                "cannot push `\(reference.familiar)`",
                because: "cannot push a digest reference",
                remedy: "give the image a tag, and push that"
            )
        }
        let reference = reference.tagged
        // Garbage collection stays away from the blobs that are made on the way.
        let hold = try await imageStore.hold()
        let client = client ?? RegistryClient(logger: logger)
        var selection = try await PushSelection(reference, platform, self)
        try await selection.complete(with: client, from: imageStore, for: reference)
        let store = store
        let push = ImagePush(
            store: imageStore,
            client: client,
            slots: slots,
            reference: reference,
            sources: { blob in
                try await store.read { db in
                    try BlobSources.paths(of: blob, at: reference.domain, db)
                }
            },
            progress: progress
        )
        var top: ManifestDocument?
        var pushed: [ImageRecord] = []
        for image in selection.images {
            let manifest = try PushedManifest(image, blobs: selection.blobs, in: imageStore)
            let (document, blobs) = try await push.push(manifest)
            let isWhole = selection.index == nil
            try await client.pushManifest(
                document,
                as: isWhole ? Self.tag(of: reference) : document.descriptor.digest.description,
                of: reference
            )
            var result = image
            result.manifest = document.descriptor.digest
            result.index = selection.index?.descriptor.digest
            result.layers = zip(image.layers, blobs).map { layer, blob in
                ImageRecord.Layer(diffID: layer.diffID, blob: blob.digest)
            }
            try await note(result, document, insteadOf: image.manifest, at: reference)
            pushed.append(result)
            top = document
        }
        if let index = selection.index {
            try await client.pushManifest(index, as: Self.tag(of: reference), of: reference)
            top = index
        }
        guard let top else { throw Self.absent(reference) }
        let digest = top.descriptor.digest
        try await name(pushed, reference.repository.with(digest: digest), as: reference)
        return withExtendedLifetime(hold) {
            PushedImage(
                reference: reference,
                digest: digest,
                size: top.bytes.count,
                incompleteIndex: selection.incompleteIndex
            )
        }
    }

    /// The tags of a repository that lead to images here, by name.
    package func localTags(of repository: ImageReference) async throws -> [ImageReference] {
        let prefix = "\(repository.name):"
        let references = try await store.read { db in
            try db.texts("SELECT reference FROM imageNames ORDER BY reference")
        }
        let tags = try references.filter { $0.hasPrefix(prefix) && !$0.contains("@") }
            .map { try ImageReference($0) }
        guard !tags.isEmpty else { throw Self.absent(repository) }
        return tags
    }

    private static func tag(of reference: ImageReference) -> String {
        reference.tag ?? ImageReference.defaultTag
    }

    static func absent(_ reference: ImageReference) -> EngineError {
        EngineError(
            .notFound,
            "",
            because: "An image does not exist locally with the tag: \(reference.familiarName)",
            remedy: "`berth image ls` shows what is here"
        )
    }

    /// Writes down what the name's manifest and blobs are now, and where they are to be had. Other
    /// names keep theirs, and so does the identifier where it means the same as one of them.
    private func note(
        _ image: ImageRecord,
        _ document: ManifestDocument,
        insteadOf before: Digest?,
        at reference: ImageReference
    ) async throws {
        let imageStore = imageStore
        try await blocking { () throws(SyscallError) in
            _ = try imageStore.writeBlob(document.bytes)
        }
        try await store.write { db in
            // It may have been removed meanwhile, and then stays so.
            let (layers, id) = (try ColumnJSON.text(image.layers), image.id.description)
            try db.run(
                """
                UPDATE imageNames SET manifest = ?, layers = ?
                WHERE reference = ? AND image = ? AND manifest IS ?
                """,
                [
                    image.manifest?.description, layers, reference.description, id,
                    before?.description,
                ]
            )
            try db.run(
                """
                UPDATE images SET manifest = ?1, layers = ?2
                WHERE id = ?3 AND manifest IS ?4 AND NOT EXISTS (
                    SELECT 1 FROM imageNames WHERE image = ?3 AND manifest IS ?4
                )
                """,
                [image.manifest?.description, layers, id, before?.description]
            )
            try BlobSources.note(image.layers.compactMap(\.blob), in: reference.repository, db)
        }
    }

    private func name(
        _ images: [ImageRecord],
        _ pinned: ImageReference,
        as reference: ImageReference
    ) async throws {
        try await store.write { db in
            for image in images
            where try db.has("SELECT 1 FROM images WHERE id = ?", [image.id.description]) {
                try ImageName.point(pinned, to: image, db)
            }
            guard let image = images.first else { return }
            try EventRecord.noteTransfer(
                "push",
                of: "\(image.id)",
                as: reference.familiar,
                repository: reference.familiarName,
                db
            )
        }
    }
}
