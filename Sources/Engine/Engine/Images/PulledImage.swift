package import ImageStore
package import OCI
import Registry

/// An image that has been pulled: everything is in the store, nothing is recorded yet.
package struct PulledImage: Sendable {
    package var reference: ImageReference
    /// What the reference pointed to: the index, or the manifest if there is none.
    package var digest: Digest
    package var manifest: Digest
    /// Of the configuration: the image's id.
    package var id: Digest
    package var configuration: ImageConfiguration
    /// Exactly as received.
    package var configurationBytes: [UInt8]
    /// Lowest first.
    package var layers: [(blob: Descriptor, diffID: Digest)]
    /// All layers together, uncompressed.
    package var unpackedBytes: Int64
    /// All blobs of layers together.
    package var compressedBytes: Int64 { layers.reduce(0) { $0 + $1.blob.size } }
    /// For the user.
    package var warnings: [String]
    /// Keeps garbage collection away until a record names what was pulled.
    package let hold: StoreHold

    init(_ image: ResolvedImage, unpackedBytes: Int64, hold: StoreHold) {
        reference = image.reference
        digest = image.digest
        manifest = image.document.descriptor.digest
        id = image.manifest.config.digest
        configuration = image.configuration
        configurationBytes = image.configurationBytes
        layers = image.layers
        self.unpackedBytes = unpackedBytes
        warnings = image.warnings
        self.hold = hold
    }

    /// The names that lead to the image from now on: the one that was asked for, and the digest.
    package var names: [ImageReference] {
        let pinned = reference.repository.with(digest: digest)
        let asked = reference.resolvable
        return asked == pinned ? [pinned] : [asked, pinned]
    }
}
