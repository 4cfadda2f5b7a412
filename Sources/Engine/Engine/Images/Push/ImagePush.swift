import ImageStore
import Linux
import OCI
import Registry

/// Brings one image into a repository: layers in parallel, then the configuration, then the
/// manifest. What is there already is not sent.
struct ImagePush: Sendable {
    let store: ImageStore
    let client: RegistryClient
    let slots: TransferSlots
    let reference: ImageReference
    /// Repositories of the same registry that are known to have a blob.
    let sources: @Sendable (Digest) async throws -> [String]
    let progress: @Sendable (PushProgress) -> Void

    /// Pushes everything but the manifest; gives the manifest, and the blobs it lists.
    func push(
        _ image: PushedManifest
    ) async throws -> (document: ManifestDocument, blobs: [Descriptor]) {
        let layers = image.layers
        // Docker tells of the topmost first.
        for layer in layers.reversed() { report(layer.diffID, .preparing) }
        var blobs: [Digest: Descriptor] = [:]
        try await withThrowingTaskGroup(of: (Digest, Descriptor).self) { group in
            var begun: Set<Digest> = []
            for layer in layers.reversed() where begun.insert(layer.diffID).inserted {
                group.addTask { (layer.diffID, try await push(layer)) }
            }
            for try await (diffID, blob) in group { blobs[diffID] = blob }
        }
        let listed = layers.compactMap { blobs[$0.diffID] }
        let document = try image.document(listing: listed)
        let configuration = Digest.of(image.configuration)
        _ = try await client.upload(
            configuration,
            BlobContent(image.configuration),
            to: reference
        )
        return (document, listed)
    }

    private func report(_ layer: Digest, _ state: PushProgress.State) {
        progress(PushProgress(reference: reference, layer: layer, state: state))
    }

    private func push(_ layer: PushedManifest.Layer) async throws -> Descriptor {
        try await slots.with(whenWaiting: { report(layer.diffID, .waiting) }) {
            let blob = try await blob(of: layer)
            let file = try store.openBlob(blob.digest)
            let content = BlobContent(size: file.size) { offset, count in
                try await blocking { () throws(any Error) in
                    try file.read(at: offset, count: count)
                }
            }
            let how = try await client.upload(
                blob.digest,
                content,
                to: reference,
                mountingFrom: try await sources(blob.digest)
            ) { sent in report(layer.diffID, .pushing(sent, of: file.size)) }
            switch how {
            case .alreadyThere: report(layer.diffID, .alreadyThere)
            case .mounted(let source): report(layer.diffID, .mounted(from: source))
            case .sent: report(layer.diffID, .pushed)
            }
            return blob
        }
    }

    /// The blob that holds a layer: as it came, or made from its files.
    private func blob(of layer: PushedManifest.Layer) async throws -> Descriptor {
        if let stored = layer.stored { return stored }
        let store = store
        let diffID = layer.diffID
        guard store.hasLayer(diffID) else { throw missing(layer) }
        let record = try store.layerRecord(diffID)
        guard record.isCanonical else { throw missing(layer) }
        report(diffID, .compressing(0, of: record.size))
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await onOwnThread { () throws(any Error) in
                try store.compressLayer(diffID) { passed in
                    if isCancelled.value { throw CancellationError() }
                    report(diffID, .compressing(passed, of: record.size))
                }
            }
        } onCancel: {
            isCancelled.raise()
        }
    }

    private func missing(_ layer: PushedManifest.Layer) -> EngineError {
        let isForeign = layer.listed.map { MediaType.isForeignLayer($0.mediaType) } == true
        return EngineError(
            .failed,
            "cannot push image `\(reference.familiar)`",
            because: isForeign
                ? "its layer \(layer.diffID) may not be distributed, and its blob is not here"
                : "the blob of its layer \(layer.diffID) is not here",
            remedy: "pull or load the image again"
        )
    }
}
