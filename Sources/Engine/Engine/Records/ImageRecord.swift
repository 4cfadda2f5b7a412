package import OCI

/// An image whose layers are all here.
package struct ImageRecord: Hashable, Sendable {
    /// Digest of the configuration, what Docker calls the image's id.
    package let id: Digest
    /// The manifest it was pulled by; nil when it was built here.
    package var manifest: Digest?
    /// The configuration exactly as it was received or made: the digest is over these bytes.
    package var configuration: [UInt8]
    /// Bottom first.
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

    package init(reference: String, image: Digest, updatedAt: Timestamp) {
        self.reference = reference
        self.image = image
        self.updatedAt = updatedAt
    }
}
