package import OCI

/// An image to build upon.
package struct BaseImage: Sendable {
    package var configuration: ImageConfiguration
    /// The manifest's layers, lowest first, one per diff ID; all of them are unpacked in the store.
    package var layers: [Descriptor]
    /// Of the index or the manifest that it came by; nil where that is not known.
    package var digest: Digest?

    /// Takes all of it.
    package init(
        configuration: ImageConfiguration,
        layers: [Descriptor],
        digest: Digest? = nil
    ) {
        self.configuration = configuration
        self.layers = layers
        self.digest = digest
    }
}

extension [BaseImage] {
    /// The one that runs best on a platform; the first where none does. There is at least one.
    func best(for platform: Platform) -> BaseImage {
        let ranked = compactMap { image in
            platform.rank(of: image.configuration.platform).map { (rank: $0, image: image) }
        }
        return ranked.min { $0.rank < $1.rank }?.image ?? self[0]
    }
}
