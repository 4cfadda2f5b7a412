import ImageStore
import OCI

/// The manifest by which an index lists a statement about one of its images, as BuildKit writes it and
/// registries keep it (docs/attestations/attestation-storage.md there).
struct AttestationManifest {
    private struct Configuration: Encodable {
        struct Empty: Encodable {}
        struct Files: Encodable {
            var type = "layers"
            var diffIDs: [Digest]

            private enum CodingKeys: String, CodingKey {
                case type
                case diffIDs = "diff_ids"
            }
        }

        var architecture = "unknown"
        var os = "unknown"
        var config = Empty()
        var rootfs: Files
    }

    /// Writes a statement about a manifest into the store, and gives the entry of the index.
    static func write(
        _ statement: [UInt8],
        type: String,
        about manifest: Digest,
        into store: ImageStore
    ) throws -> Descriptor {
        var layer = Descriptor(mediaType: "application/vnd.in-toto+json", of: statement)
        layer.annotations = ["in-toto.io/predicate-type": type]
        let configuration = try OCIJSON.encode(
            Configuration(rootfs: .init(diffIDs: [layer.digest]))
        )
        let document = try ManifestDocument(
            bytes: OCIJSON.encode(
                Manifest(
                    config: Descriptor(mediaType: MediaType.ociConfig, of: configuration),
                    layers: [layer]
                )
            )
        )
        for bytes in [statement, configuration, document.bytes] { _ = try store.writeBlob(bytes) }
        var entry = document.descriptor
        entry.platform = Platform(os: "unknown", architecture: "unknown")
        entry.annotations = [
            "vnd.docker.reference.digest": "\(manifest)",
            "vnd.docker.reference.type": "attestation-manifest",
        ]
        return entry
    }
}
