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

    /// As something to build upon: its layers are unpacked in the store.
    func base(in store: ImageStore) throws -> BaseImage {
        BaseImage(
            configuration: try ImageConfiguration(bytes: configuration),
            layers: try manifest(in: store, for: "build upon image \(id)").manifest.layers
        )
    }
}
