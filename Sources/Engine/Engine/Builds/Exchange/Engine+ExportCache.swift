import Builder
import ImageStore
import Linux
import OCI
package import Registry
import SystemPackage

extension Engine {
    /// Writes what a build's steps gave to where other builds find it. Of `isWhole` (`mode=max`) the steps of
    /// all stages, otherwise those whose layers the image has.
    package func exportCache(
        of built: BuiltImage,
        to place: CachePlace,
        isWhole: Bool,
        client: RegistryClient,
        slots: TransferSlots = TransferSlots(TransferSlots.uploads)
    ) async throws {
        let own = Set(built.image.layers.map(\.diffID))
        let steps = built.steps.filter { isWhole || own.contains($0.layer) }
        var layers: [Digest] = []
        for step in steps where !layers.contains(step.layer) { layers.append(step.layer) }
        guard layers.count <= Manifest.layerLimit else {
            throw EngineError(
                .invalid,
                "cannot write the build cache \(place)",
                because: "it would have more than \(Manifest.layerLimit) layers",
                remedy: "write mode=min"
            )
        }
        let blobs = try await compressed(layers)
        let configuration = try OCIJSON.encode(CacheDocument(steps, layers: layers))
        let manifest = Manifest(
            config: Descriptor(mediaType: CacheDocument.mediaType, of: configuration),
            layers: blobs
        )
        let document = try ManifestDocument(bytes: OCIJSON.encode(manifest))
        switch place {
        case .folder(let path, let tag):
            let imageStore = imageStore
            try await blocking { () throws(any Error) in
                let folder = CacheFolder(path)
                for blob in blobs { try folder.copy(blob, from: imageStore) }
                try folder.write(configuration)
                try folder.write(document.bytes)
                try folder.name(document.descriptor, as: tag)
            }
        case .registry(let reference):
            for blob in blobs {
                let file = try imageStore.openBlob(blob.digest)
                let content = BlobContent(size: file.size) { offset, count in
                    try await blocking { () throws(any Error) in
                        try file.read(at: offset, count: count)
                    }
                }
                _ = try await client.upload(blob.digest, content, to: reference)
            }
            _ = try await client.upload(
                manifest.config.digest,
                BlobContent(configuration),
                to: reference
            )
            try await client.pushManifest(
                document,
                as: reference.tag ?? ImageReference.defaultTag,
                of: reference
            )
        }
    }

    /// A blob for each layer, made where there is none yet.
    private func compressed(_ layers: [Digest]) async throws -> [Descriptor] {
        let records = try await images().map(\.image)
        var known: [Digest: Digest] = [:]
        for layer in records.flatMap(\.layers) {
            known[layer.diffID] = layer.blob ?? known[layer.diffID]
        }
        let imageStore = imageStore
        return try await onOwnThread { [known] () throws(any Error) in
            try layers.map { layer in
                if let blob = known[layer], let size = imageStore.blobSize(blob) {
                    return Descriptor(mediaType: MediaType.ociLayerGzip, digest: blob, size: size)
                }
                return try imageStore.compressLayer(layer)
            }
        }
    }
}
