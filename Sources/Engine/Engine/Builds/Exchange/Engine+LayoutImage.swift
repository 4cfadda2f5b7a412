package import Builder
import ImageStore
import Linux
import OCI
package import SystemPackage

/// An image that was brought from a folder; it stays in the store as long as this is there.
package struct LayoutImage: Sendable {
    /// To build upon.
    package let base: BaseImage
    private let hold: StoreHold

    fileprivate init(_ base: BaseImage, _ hold: StoreHold) {
        self.base = base
        self.hold = hold
    }
}

extension Engine {
    /// Brings the image of an OCI layout into the store, checked and unpacked; of an index that for this
    /// machine. It has no record and no name.
    package func layoutImage(
        in folder: FilePath,
        named name: String
    ) async throws -> LayoutImage {
        let hold = try await imageStore.hold()
        let layout = CacheFolder(folder, as: "the image in")
        var document = try layout.manifest(named: name)
        if case .index(let index) = document.content {
            guard let best = index.candidates(for: .host).first else {
                throw Self.unusable(folder, "there is no image for \(Platform.host) in it")
            }
            document = try layout.manifest(named: best.digest.description)
        }
        guard case .manifest(let manifest) = document.content else {
            throw Self.unusable(folder, "an index in an index is no image")
        }
        let bytes = try layout.blob(manifest.config.digest, limit: OCIJSON.configurationLimit)
        guard Digest.of(bytes) == manifest.config.digest else {
            throw Self.unusable(folder, "its configuration does not have its digest")
        }
        let configuration = try ImageConfiguration(bytes: bytes)
        guard configuration.diffIDs.count == manifest.layers.count else {
            throw Self.unusable(folder, "its configuration and its manifest list other layers")
        }
        for (layer, diffID) in zip(manifest.layers, configuration.diffIDs) {
            try await CacheSource.bring(layer, diffID: diffID, into: imageStore) { offset, queue in
                try await layout.send(layer, from: offset, to: queue)
            }
        }
        return LayoutImage(
            BaseImage(configuration: configuration, layers: manifest.layers),
            hold
        )
    }

    private static func unusable(_ folder: FilePath, _ reason: String) -> EngineError {
        EngineError(.invalid, "cannot use the image in \(folder)", because: reason)
    }
}
