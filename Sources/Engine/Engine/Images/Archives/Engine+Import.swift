package import ImageStore
import Linux
package import OCI

/// What `import` makes of a tar.
package struct ImportRequest: Sendable {
    /// The image before the layer: platform, labels, command.
    package var configuration = ImageConfiguration()
    package var name: ImageReference?
    /// Of the one entry of its history.
    package var comment: String
    package var createdBy: String?
    package var created: Timestamp = .now()

    package init(comment: String) { self.comment = comment }
}

extension Engine {
    /// Makes an image of one layer from the tar of a root file system, compressed or not, and
    /// gives it its name. `subject` is what errors call the tar.
    package func importImage(
        from source: any ByteSource,
        subject: String,
        _ request: ImportRequest
    ) async throws -> ImageRecord {
        try await leavingNothing {
            let hold = try await imageStore.hold()
            let tar = try await onOwnThread { [imageStore] in
                try imageStore.stage(source, subject: subject)
            }
            var configuration = request.configuration
            configuration.created = "\(request.created)"
            configuration.history = [
                .init(
                    created: "\(request.created)",
                    createdBy: request.createdBy,
                    comment: request.comment
                )
            ]
            let image: ImageRecord
            do {
                image = try await addImage(configuration, layers: [], top: tar)
            } catch let error as ImageStoreError {
                throw EngineError(.invalid, "cannot import \(subject)", because: "\(error)")
            }
            try await record(image, as: request.name.map { [$0] } ?? [], by: .import)
            return withExtendedLifetime(hold) { image }
        }
    }

    /// Puts a layer on top of others and writes the image's documents. Nothing is recorded.
    func addImage(
        _ configuration: ImageConfiguration,
        layers: [Descriptor],
        top: StagedBlob
    ) async throws -> ImageRecord {
        let descriptor = try await imageStore.addLayer(top)
        var configuration = configuration
        configuration.diffIDs.append(top.digest)
        let complete = configuration
        let layers = layers + [descriptor]
        let imageStore = imageStore
        return try await blocking { () throws(any Error) in
            let bytes = try OCIJSON.encode(complete)
            let manifest = try OCIJSON.encode(
                Manifest(
                    config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
                    layers: layers
                )
            )
            let id = try imageStore.writeBlob(bytes)
            return ImageRecord(
                id: id,
                manifest: try imageStore.writeBlob(manifest),
                configuration: bytes,
                layers: zip(complete.diffIDs, layers).map { diffID, layer in
                    let isStored = imageStore.hasBlob(layer.digest)
                    return .init(diffID: diffID, blob: isStored ? layer.digest : nil)
                },
                sizeBytes: try complete.diffIDs.reduce(0) {
                    try $0 + imageStore.layerRecord($1).size
                },
                recordedAt: .now()
            )
        }
    }
}
