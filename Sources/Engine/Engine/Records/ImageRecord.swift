package import OCI

/// An image whose layers are all here.
package struct ImageRecord: Hashable, Sendable {
    /// Digest of the configuration, what Docker calls the image's id.
    package let id: Digest
    /// The manifest that it came by under the name it was asked for; by its identifier, the first.
    package var manifest: Digest?
    /// The index that listed the manifest under that name; nil for an image that came alone.
    package var index: Digest?
    /// The configuration exactly as it was received or made: the digest is over these bytes.
    package var configuration: [UInt8]
    /// Bottom first; their blobs are those of the manifest.
    package var layers: [Layer]
    /// Unpacked, all layers together.
    package var sizeBytes: Int64
    package var recordedAt: Timestamp

    /// One layer: what it unpacks to and what it came as.
    package struct Layer: Hashable, Codable, Sendable {
        /// SHA-256 of the uncompressed tar: the folder beneath `layers/`.
        package var diffID: Digest
        /// The blob as received; nil for one made here.
        package var blob: Digest?

        package init(diffID: Digest, blob: Digest?) {
            self.diffID = diffID
            self.blob = blob
        }
    }

    package init(
        id: Digest,
        manifest: Digest?,
        configuration: [UInt8],
        layers: [Layer],
        sizeBytes: Int64,
        recordedAt: Timestamp
    ) {
        self.id = id
        self.manifest = manifest
        self.configuration = configuration
        self.layers = layers
        self.sizeBytes = sizeBytes
        self.recordedAt = recordedAt
    }
}

/// A name that leads to an image.
package struct ImageName: Hashable, Sendable {
    /// Canonical: `docker.io/library/redis:7`, or with a digest `…@sha256:…`.
    package var reference: String
    package var image: Digest
    package var updatedAt: Timestamp
    /// How the image came under this name, as in `ImageRecord`: several manifests may list one
    /// configuration. A manifest of nil is the image's own.
    package var manifest: Digest?
    package var index: Digest?
    package var layers: [ImageRecord.Layer] = []

    package init(reference: String, image: Digest, updatedAt: Timestamp) {
        self.reference = reference
        self.image = image
        self.updatedAt = updatedAt
    }
}

extension ImageRecord {
    /// The image as it came under one of its names.
    package func under(_ name: ImageName) -> ImageRecord {
        guard let manifest = name.manifest else { return self }
        var image = self
        (image.manifest, image.index, image.layers) = (manifest, name.index, name.layers)
        return image
    }
}
