import GRDB
import Logging
package import OCI
package import Registry

/// What a pull came to.
package struct PullResult: Hashable, Sendable {
    package var image: ImageRecord
    /// What the reference points to: the index, or the manifest if there is none.
    package var digest: Digest
    /// Whether anything about the reference or the image is new here; otherwise it was up to date.
    package var isNew: Bool
}

extension Engine {
    /// Pulls an image and records it under its names. One client may serve many pulls, and `slots`
    /// bounds the transfers of all that share it. Without a client, one is made that knows no
    /// credentials. `progress` is called often, from any thread; nil for the platform means this
    /// machine's.
    ///
    /// A tag that points to what is here already costs one request, a digest none.
    @discardableResult
    package func pull(
        _ reference: ImageReference,
        platform: Platform? = nil,
        client: RegistryClient? = nil,
        slots: TransferSlots = TransferSlots(TransferSlots.downloads),
        progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> PullResult {
        let client = client ?? RegistryClient(logger: logger)
        if let known = try await known(reference, platform: platform) {
            let current = try await client.digest(of: reference)
            if known.digests.contains(current) {
                await notePulled(known.image.id, by: reference)
                return PullResult(image: known.image, digest: current, isNew: false)
            }
        }
        let pulled = try await ImagePull(store: imageStore, client: client, slots: slots).pull(
            reference,
            platform: platform,
            progress: progress
        )
        for warning in pulled.warnings { logger.warning("\(warning)") }
        var image = ImageRecord(
            id: pulled.id,
            manifest: pulled.manifest,
            configuration: pulled.configurationBytes,
            layers: pulled.layers.map { .init(diffID: $0.diffID, blob: $0.blob.digest) },
            sizeBytes: pulled.unpackedBytes,
            recordedAt: .now()
        )
        if pulled.digest != pulled.manifest { image.index = pulled.digest }
        let isNew = try await isNews(pulled.names, of: image)
        try await record(image, as: pulled.names, by: .pull(reference))
        let (store, blobs) = (store, pulled.layers.map(\.blob.digest))
        try await store.write { db in
            try BlobSources.note(blobs, in: reference.repository, db)
        }
        return withExtendedLifetime(pulled.hold) {
            PullResult(image: image, digest: pulled.digest, isNew: isNew)
        }
    }

    /// The image that a reference leads to here, whole and for the platform, and the digests under
    /// which its repository has been seen to have it as it came under that name. nil when there is
    /// no such image.
    private func known(
        _ reference: ImageReference,
        platform: Platform?
    ) async throws -> (image: ImageRecord, digests: Set<Digest>)? {
        let asked = reference.resolvable
        let found = try await store.read { db -> (ImageRecord, [String])? in
            guard let image = try ImageRecord.named(asked, db) else { return nil }
            let names = try db.texts(
                """
                SELECT reference FROM imageNames
                WHERE image = ? AND manifest IS ? AND reference LIKE '%@%'
                """,
                [image.id.description, image.manifest?.description]
            )
            return (image, names)
        }
        guard let (image, names) = found, image.isComplete(in: imageStore) else { return nil }
        let wanted = platform ?? .host
        guard wanted.rank(of: try ImageConfiguration(bytes: image.configuration).platform) != nil
        else { return nil }
        // Where the index has a better one, that is what is asked for.
        let variants = try ImageVariants(of: image, among: [image], in: imageStore)
        if case .index(let index)? = variants.index?.content,
            index.candidates(for: wanted).first?.digest != image.manifest
        {
            return nil
        }
        let prefix = "\(asked.name)@"
        let digests = names.filter { $0.hasPrefix(prefix) }
            .compactMap { Digest(String($0.dropFirst(prefix.count))) }
        return digests.isEmpty ? nil : (image, Set(digests))
    }

    /// Whether one of these names does not lead to the image yet, by this manifest.
    private func isNews(_ names: [ImageReference], of image: ImageRecord) async throws -> Bool {
        try await store.read { db in
            try names.contains { name in
                let known = try ImageRecord.named(name, db)
                return known?.id != image.id || known?.manifest != image.manifest
            }
        }
    }
}
