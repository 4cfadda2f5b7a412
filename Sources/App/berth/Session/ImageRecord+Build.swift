import Builder
import Engine
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
        guard let manifest else {
            throw Failure("image \(id) has no manifest: pull or build it again")
        }
        let document = try ManifestDocument(bytes: store.readBlob(manifest))
        guard case .manifest(let content) = document.content else {
            throw Failure("image \(id) is recorded with an index: pull it again")
        }
        return BaseImage(
            configuration: try ImageConfiguration(bytes: configuration),
            layers: content.layers
        )
    }
}
