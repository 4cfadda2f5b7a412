package import ImageStore
import Linux
package import OCI
package import Registry

/// Brings an image from its registry into the store: layers in parallel, each hashed, decompressed
/// and unpacked while it arrives. What is there already is not fetched.
package struct ImagePull: Sendable {
    private let store: ImageStore
    private let client: RegistryClient
    /// How many layers are fetched and unpacked at a time, over all pulls that share them.
    private let slots: TransferSlots

    package init(
        store: ImageStore,
        client: RegistryClient,
        slots: TransferSlots = TransferSlots(TransferSlots.downloads)
    ) {
        self.store = store
        self.client = client
        self.slots = slots
    }

    /// Pulls one image. When this returns, everything of it is on disk and verified; when it throws,
    /// whole layers stay and cut downloads are gone on with the next time.
    ///
    /// Nil for the platform means this machine's; images of another are an error if it was given.
    /// `progress` is called often, from any thread.
    package func pull(
        _ reference: ImageReference,
        platform: Platform? = nil,
        progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> PulledImage {
        let hold = try await store.hold()
        let image = try await client.resolve(
            reference,
            platform: platform ?? .host,
            isPlatformExplicit: platform != nil
        )
        // One blob listed twice is brought once, unless it is said to be different things.
        var seen: Set<[String]> = []
        let layers = image.layers.filter { blob, diffID in
            seen.insert(["\(blob.digest)", "\(blob.size)", "\(diffID)"]).inserted
        }
        let task = LayerPull(
            reference: reference,
            store: store,
            client: client,
            slots: slots,
            progress: progress
        )
        do {
            try await bring(layers, task)
        } catch let error as ImageStoreError {
            // A mirror is trusted with nothing; the registry itself is asked before giving up.
            if client.abandonMirrors(of: reference) {
                return try await pull(reference, platform: platform, progress: progress)
            }
            throw EngineError(
                .failed,
                "cannot pull image `\(reference.familiar)`",
                because: "\(error) (from \(reference.domain))"
            )
        }
        // After the layers: whoever finds a manifest may count on what it lists.
        try await write(image)
        return PulledImage(image, unpackedBytes: try unpackedSize(of: image), hold: hold)
    }

    private func bring(_ layers: [(blob: Descriptor, diffID: Digest)], _ task: LayerPull)
        async throws
    {
        for layer in layers { task.report(layer.blob, .waiting) }
        try await withThrowingTaskGroup { group in
            // The largest first: with it everything ends.
            for layer in layers.sorted(by: { $0.blob.size > $1.blob.size }) {
                group.addTask { try await task.bring(layer.blob, diffID: layer.diffID) }
            }
            try await group.waitForAll()
        }
    }

    private func write(_ image: ResolvedImage) async throws {
        let store = store
        try await blocking { () throws(SyscallError) in
            try store.writeBlob(image.configurationBytes)
            try store.writeBlob(image.document.bytes)
            for index in image.indexes { try store.writeBlob(index.bytes) }
        }
    }

    private func unpackedSize(of image: ResolvedImage) throws -> Int64 {
        try image.configuration.diffIDs.reduce(0) { try $0 + store.layerRecord($1).size }
    }
}

/// What all layers of one pull share.
private struct LayerPull: Sendable {
    let reference: ImageReference
    let store: ImageStore
    let client: RegistryClient
    let slots: TransferSlots
    let progress: @Sendable (PullProgress) -> Void

    func report(_ blob: Descriptor, _ state: PullProgress.State) {
        progress(
            PullProgress(reference: reference, layer: blob.digest, size: blob.size, state: state)
        )
    }

    /// Brings in one layer; another task or process that does the same is waited for.
    ///
    /// The slot is taken after the lease: nobody holds a slot who waits for somebody else.
    func bring(_ blob: Descriptor, diffID: Digest) async throws {
        let lease = try await store.lease(blob, diffID: diffID)
        guard lease.need != .nothing else { return report(blob, .alreadyThere) }
        try await slots.with {
            if case .download(let offset) = lease.need {
                try await download(blob, from: offset, lease)
            } else {
                report(blob, .unpacking)
                try await onOwnThread { () throws(any Error) -> Void in try lease.complete() }
            }
            report(blob, .done)
        }
    }

    private func download(_ blob: Descriptor, from offset: Int64, _ lease: LayerLease) async throws
    {
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
                var received = offset
                report(blob, .downloading(received))
                try await client.fetchBlob(blob, of: reference, from: offset) { chunk in
                    try await queue.send(chunk)
                    received += Int64(chunk.count)
                    report(blob, .downloading(received))
                }
                report(blob, .unpacking)
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
