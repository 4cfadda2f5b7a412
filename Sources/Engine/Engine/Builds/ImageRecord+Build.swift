import Builder
import ImageStore
import OCI

extension ImageRecord {
    /// The record of what a build gave.
    init(built result: BuildResult, in store: ImageStore) throws {
        let layers = zip(result.configuration.diffIDs, result.layers).map { diffID, layer in
            Layer(diffID: diffID, blob: store.hasBlob(layer.digest) ? layer.digest : nil)
        }
        self.init(
            id: result.image,
            manifest: result.manifest.digest,
            configuration: try store.readBlob(result.image),
            layers: layers,
            sizeBytes: result.layers.reduce(0) { $0 + $1.size },
            recordedAt: .now()
        )
    }

    /// The same image with every layer compressed as registries have it, blocking.
    func compressed(in store: ImageStore) throws -> ImageRecord {
        let manifest = try PushedManifest(self, blobs: [:], in: store)
        let blobs = try manifest.layers.map { layer in
            try layer.stored ?? store.compressLayer(layer.diffID)
        }
        let document = try manifest.document(listing: blobs)
        _ = try store.writeBlob(document.bytes)
        var result = self
        result.manifest = document.descriptor.digest
        result.layers = zip(layers, blobs).map { layer, blob in
            Layer(diffID: layer.diffID, blob: blob.digest)
        }
        return result
    }

    /// As something to build upon: its layers are unpacked in the store.
    func base(in store: ImageStore) throws -> BaseImage {
        BaseImage(
            configuration: try ImageConfiguration(bytes: configuration),
            layers: try manifest(in: store, for: "build upon image \(id)").manifest.layers,
            digest: index ?? manifest
        )
    }
}
