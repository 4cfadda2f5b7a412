package import Builder
import ImageStore
import Linux
import Logging
import OCI
package import Registry
import SystemPackage

extension Engine {
    /// What a cache has to say; its layers are brought when a build wants them.
    /// - Throws: an `EngineError` that says why it cannot be used: it is not there, it is BuildKit's.
    package func importCache(
        from place: CachePlace,
        client: RegistryClient
    ) async throws -> ImportedCache {
        let source = try await CacheSource(place, client)
        guard case .manifest(let manifest) = source.document.content,
            manifest.config.mediaType != CacheDocument.foreignType
        else { throw CacheSource.foreign(place) }
        let configuration = try await source.bytes(of: manifest.config)
        guard let cache = try CacheDocument(configuration, of: manifest) else {
            throw EngineError(
                .invalid,
                "cannot use the build cache \(place)",
                because: "there is no cache of berth's in it",
                remedy: "fill it with --cache-to"
            )
        }
        let blobs = Dictionary(zip(cache.layers, manifest.layers)) { first, _ in first }
        let (imageStore, logger) = (imageStore, logger)
        return ImportedCache(cache.steps) { step in
            guard let blob = blobs[step.layer] else { return false }
            do {
                try await source.bring(blob, diffID: step.layer, into: imageStore)
                // One whose tar cannot be made again could not be pushed.
                return try await onOwnThread { () throws(any Error) in
                    try imageStore.isCanonical(step.layer)
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                // The step is carried out then.
                logger.warning("build cache \(place): layer \(step.layer.short): \(error)")
                return false
            }
        }
    }
}

/// A cache that is read.
struct CacheSource: Sendable {
    private let place: CachePlace
    private let client: RegistryClient
    let document: ManifestDocument

    init(_ place: CachePlace, _ client: RegistryClient) async throws {
        self.place = place
        self.client = client
        switch place {
        case .registry(let reference): document = try await client.manifest(of: reference)
        case .folder(let folder, let tag):
            document = try CacheFolder(folder).manifest(named: tag)
        }
    }

    static func foreign(_ place: CachePlace) -> EngineError {
        EngineError(
            .invalid,
            "cannot use the build cache \(place)",
            because: "it is BuildKit's, which berth does not read",
            remedy: "fill one with berth's --cache-to"
        )
    }

    /// A small blob, checked.
    func bytes(of blob: Descriptor) async throws -> [UInt8] {
        guard blob.size <= Int64(CacheDocument.limit) else {
            throw EngineError(
                .invalid,
                "cannot use the build cache \(place)",
                because: "it is too large"
            )
        }
        var bytes: [UInt8] = []
        switch place {
        case .registry(let reference):
            try await client.fetchBlob(blob, of: reference) { bytes += $0 }
        case .folder(let folder, _):
            bytes = try CacheFolder(folder).blob(blob.digest, limit: CacheDocument.limit)
        }
        guard Digest.of(bytes) == blob.digest else {
            throw EngineError(
                .invalid,
                "cannot use the build cache \(place)",
                because: "its content does not have the digest \(blob.digest)"
            )
        }
        return bytes
    }

    /// Brings a layer into the store, checked and unpacked.
    func bring(_ blob: Descriptor, diffID: Digest, into store: ImageStore) async throws {
        try await Self.bring(blob, diffID: diffID, into: store) { offset, queue in
            switch place {
            case .registry(let reference):
                try await client.fetchBlob(blob, of: reference, from: offset) { chunk in
                    try await queue.send(chunk)
                }
            case .folder(let folder, _):
                try await CacheFolder(folder).send(blob, from: offset, to: queue)
            }
        }
    }

    /// The same from wherever `send` gets it, from an offset on.
    static func bring(
        _ blob: Descriptor,
        diffID: Digest,
        into store: ImageStore,
        _ send: @escaping @Sendable (Int64, ChunkQueue) async throws -> Void
    ) async throws {
        let lease = try await store.lease(blob, diffID: diffID)
        switch lease.need {
        case .nothing: return
        case .download(let offset): try await download(from: offset, lease, send)
        default: try await onOwnThread { () throws(any Error) -> Void in try lease.complete() }
        }
    }

    private static func download(
        from offset: Int64,
        _ lease: LayerLease,
        _ send: @escaping @Sendable (Int64, ChunkQueue) async throws -> Void
    ) async throws {
        let queue = ChunkQueue()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await onOwnThread { () throws(any Error) -> Void in
                    // However it ends, nobody reads any more.
                    defer { queue.close() }
                    try lease.complete(from: queue)
                }
            }
            do {
                try await send(offset, queue)
                queue.finish()
            } catch is ChunkQueue.Closed {
                // Unpacking has failed and says why, below.
            } catch {
                queue.finish(.failure(error))
            }
            try await group.waitForAll()
        }
    }
}
