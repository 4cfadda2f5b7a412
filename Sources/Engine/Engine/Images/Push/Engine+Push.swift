import GRDB
import ImageStore
import Linux
package import OCI
package import Registry

extension Engine {
    /// Pushes the image that a tag leads to, and notes under which digest it is there from now on.
    ///
    /// An image that came with an index goes with all of its index's images if they are here, so
    /// that the tag has the same digest there; otherwise alone. `platform` chooses one of them.
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
        let selection = try await PushSelection(reference, platform, self)
        let client = client ?? RegistryClient(logger: logger)
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
        for image in selection.images {
            let manifest = try PushedManifest(image, blobs: selection.blobs, in: imageStore)
            let (document, blobs) = try await push.push(manifest)
            let isWhole = selection.index == nil
            try await client.pushManifest(
                document,
                as: isWhole ? Self.tag(of: reference) : document.descriptor.digest.description,
                of: reference
            )
            try await note(image, document, blobs, at: reference)
            top = document
        }
        if let index = selection.index {
            try await client.pushManifest(index, as: Self.tag(of: reference), of: reference)
            top = index
        }
        guard let top else { throw Self.absent(reference) }
        let digest = top.descriptor.digest
        try await name(selection.images, reference.repository.with(digest: digest))
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

    fileprivate static func absent(_ reference: ImageReference) -> EngineError {
        EngineError(
            .notFound,
            "",
            because: "An image does not exist locally with the tag: \(reference.familiarName)",
            remedy: "`berth image ls` shows what is here"
        )
    }

    /// Writes down what an image's manifest and blobs are now, and where they are to be had.
    private func note(
        _ image: ImageRecord,
        _ document: ManifestDocument,
        _ blobs: [Descriptor],
        at reference: ImageReference
    ) async throws {
        let imageStore = imageStore
        try await blocking { () throws(SyscallError) in
            _ = try imageStore.writeBlob(document.bytes)
        }
        let layers = zip(image.layers, blobs).map { layer, blob in
            ImageRecord.Layer(diffID: layer.diffID, blob: blob.digest)
        }
        try await store.write { db in
            // It may have been removed meanwhile, and then stays so.
            try db.run(
                "UPDATE images SET manifest = ?, layers = ? WHERE id = ?",
                [
                    document.descriptor.digest.description, try ColumnJSON.text(layers),
                    image.id.description,
                ]
            )
            try BlobSources.note(blobs.map(\.digest), in: reference.repository, db)
        }
    }

    private func name(_ images: [ImageRecord], _ pinned: ImageReference) async throws {
        try await store.write { db in
            for image in images
            where try db.has("SELECT 1 FROM images WHERE id = ?", [image.id.description]) {
                try ImageName.point(pinned, to: image.id, db)
                try EventRecord.note(
                    .image,
                    "push",
                    subject: image.id.description,
                    name: pinned.familiarName,
                    project: nil,
                    db
                )
            }
        }
    }
}

/// Which images a push is about.
private struct PushSelection {
    /// The image the tag leads to last: its name is given last.
    var images: [ImageRecord]
    /// The index they all came with, when all of its images are here.
    var index: ManifestDocument?
    var incompleteIndex: Digest?
    /// A blob for each layer of any image, as far as there is one.
    var blobs: [Digest: Digest] = [:]

    init(_ reference: ImageReference, _ platform: Platform?, _ engine: Engine) async throws {
        let store = engine.imageStore
        let (image, names, all) = try await engine.store.read { db in
            guard
                let image = try db.row(
                    """
                    SELECT images.* FROM imageNames JOIN images ON images.id = imageNames.image
                    WHERE imageNames.reference = ?
                    """,
                    [reference.description]
                ).map(ImageRecord.init(row:))
            else { throw Engine.absent(reference) }
            let names = try db.texts(
                "SELECT reference FROM imageNames WHERE image = ? AND reference LIKE '%@%'",
                [image.id.description]
            )
            let all = try db.rows("SELECT * FROM images").map(ImageRecord.init(row:))
            return (image, names, all)
        }
        for layer in all.flatMap(\.layers) {
            if let blob = layer.blob { blobs[layer.diffID] = blob }
        }
        images = [image]
        let index = try Self.index(of: image, names, in: store)
        if let index, platform == nil {
            let entries = Self.entries(of: index)
            let parts = entries.map { entry in all.first { $0.manifest == entry.digest } }
            let present = parts.compactMap { $0 }.filter { $0.isComplete(in: store) }
            if present.count == entries.count {
                self.index = index
                images = present.filter { $0.id != image.id } + [image]
            } else {
                incompleteIndex = index.descriptor.digest
            }
            return
        }
        guard let platform else { return }
        let offered = index.map { index in
            Self.candidates(of: index, platform).compactMap { entry in
                all.first { $0.manifest == entry.digest }
            }
        }
        if let other = offered?.first {
            images = [other]
            return
        }
        let found = try ImageConfiguration(bytes: image.configuration).platform
        guard platform.rank(of: found) != nil else {
            throw EngineError(
                .notFound,
                "cannot push `\(reference.familiar)`",
                because: "image with reference \(reference.familiar) was found but its platform "
                    + "(\(found)) does not match the specified platform (\(platform))",
                remedy: "pull that platform first"
            )
        }
    }

    /// The index that an image came with, if it is still here.
    private static func index(
        of image: ImageRecord,
        _ names: [String],
        in store: ImageStore
    ) throws -> ManifestDocument? {
        for name in names {
            guard let digest = try ImageReference(name).digest, digest != image.manifest,
                store.hasBlob(digest)
            else { continue }
            let document = try ManifestDocument(bytes: store.readBlob(digest))
            if entries(of: document).contains(where: { $0.digest == image.manifest }) {
                return document
            }
        }
        return nil
    }

    private static func entries(of document: ManifestDocument) -> [Descriptor] {
        guard case .index(let index) = document.content else { return [] }
        return index.manifests
    }

    private static func candidates(
        of document: ManifestDocument,
        _ platform: Platform
    ) -> [Descriptor] {
        guard case .index(let index) = document.content else { return [] }
        return index.candidates(for: platform)
    }
}
