import ImageStore
import OCI

/// One image as it is going to be pushed: its layers, and how its manifest comes about.
struct PushedManifest: Sendable {
    /// The record's manifest; nil for an image that has none.
    let document: ManifestDocument?
    /// As the manifest lists them, lowest first.
    let layers: [Layer]
    let configuration: [UInt8]

    struct Layer: Sendable {
        let diffID: Digest
        /// What the manifest says of it; nil when there is none.
        let listed: Descriptor?
        /// A blob that holds it and is in the store.
        let stored: Descriptor?
    }

    /// Works out what an image that is here consists of. `blobs` are other blobs known to unpack to
    /// a layer.
    init(_ image: ImageRecord, blobs: [Digest: Digest], in store: ImageStore) throws {
        configuration = image.configuration
        var listed: [Descriptor] = []
        if let digest = image.manifest, store.hasBlob(digest) {
            let found = try image.manifest(in: store, for: "push image \(image.id)")
            document = found.document
            listed = found.manifest.layers
        } else {
            document = nil
        }
        let described: [Descriptor?] =
            listed.count == image.layers.count
            ? listed : Array(repeating: nil, count: image.layers.count)
        layers = zip(image.layers, described).map { layer, descriptor in
            let known = [descriptor?.digest, layer.blob, blobs[layer.diffID]].compactMap { $0 }
            let digest = known.first { store.hasBlob($0) }
            let stored = digest.flatMap { digest in
                if let descriptor, descriptor.digest == digest { return descriptor }
                return store.blobSize(digest).map {
                    Descriptor(mediaType: MediaType.ociLayerGzip, digest: digest, size: $0)
                }
            }
            return Layer(diffID: layer.diffID, listed: descriptor, stored: stored)
        }
    }

    /// The manifest that lists these blobs: with the bytes it came with if they are the ones it
    /// lists, else a new one of the same kind. An image without a manifest gets Docker's.
    func document(listing blobs: [Descriptor]) throws -> ManifestDocument {
        if let document, layers.map(\.listed?.digest) == blobs.map(\.digest) { return document }
        guard case .manifest(var manifest)? = document?.content else {
            var manifest = Manifest(
                mediaType: MediaType.dockerManifest,
                config: Descriptor(mediaType: MediaType.dockerConfig, of: configuration),
                layers: blobs
            )
            manifest.layers = blobs.map { $0.named(asDockers: true) }
            return try ManifestDocument(bytes: OCIJSON.encode(manifest))
        }
        let isDockers = manifest.mediaType == MediaType.dockerManifest
        manifest.layers = blobs.map { $0.named(asDockers: isDockers) }
        return try ManifestDocument(bytes: OCIJSON.encode(manifest))
    }
}

extension Descriptor {
    /// The same blob with its type in Docker's words, or in OCI's.
    fileprivate func named(asDockers: Bool) -> Descriptor {
        let pairs = [
            (MediaType.ociLayer, MediaType.dockerLayer),
            (MediaType.ociLayerGzip, MediaType.dockerLayerGzip),
        ]
        var result = self
        for (oci, docker) in pairs where mediaType == oci || mediaType == docker {
            result.mediaType = asDockers ? docker : oci
        }
        return result
    }
}
