package import OCI

/// An image found in a registry: everything but its layers.
package struct ResolvedImage: Sendable {
    package var reference: ImageReference
    /// What the reference points to, an index or the manifest itself; the digest Docker shows with
    /// the repository.
    package var digest: Digest
    /// The indexes on the way, outermost first; kept so that the image can be pushed as it was.
    package var indexes: [ManifestDocument]
    package var document: ManifestDocument
    package var manifest: Manifest
    package var configuration: ImageConfiguration
    /// Exactly as received.
    package var configurationBytes: [UInt8]
    /// For the user: a platform that is not quite the one wanted.
    package var warnings: [String]

    /// Blobs and the digests of their plain tars, lowest first.
    package var layers: [(blob: Descriptor, diffID: Digest)] {
        Array(zip(manifest.layers, configuration.diffIDs))
    }
}
