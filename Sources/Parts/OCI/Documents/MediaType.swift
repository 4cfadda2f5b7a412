/// The types of documents and blobs. OCI image-spec, media-types.md; Docker's image manifest v2.
package enum MediaType {
    package static let ociIndex = "application/vnd.oci.image.index.v1+json"
    package static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let ociConfig = "application/vnd.oci.image.config.v1+json"
    package static let ociLayer = "application/vnd.oci.image.layer.v1.tar"
    package static let ociLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    package static let ociLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    package static let ociEmpty = "application/vnd.oci.empty.v1+json"

    package static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"
    package static let dockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    package static let dockerPlugin = "application/vnd.docker.plugin.v1+json"

    /// What a registry is asked for under a tag, the preferred first.
    package static let manifests = [ociManifest, ociIndex, dockerManifest, dockerIndex]

    /// Whether a media type is that of an image index (docker: manifest list).
    package static func isIndex(_ type: String) -> Bool { [ociIndex, dockerIndex].contains(type) }

    /// Whether a media type is that of an image manifest.
    package static func isManifest(_ type: String) -> Bool {
        [ociManifest, dockerManifest].contains(type)
    }

    /// Whether a blob of this type is a file-system layer, of whatever compression.
    package static func isLayer(_ type: String) -> Bool {
        type.hasPrefix(ociLayer) || type.hasPrefix(dockerLayer) || isForeignLayer(type)
    }

    /// Layers that their makers want fetched from elsewhere.
    package static func isForeignLayer(_ type: String) -> Bool {
        type.hasPrefix("application/vnd.oci.image.layer.nondistributable.v1.tar")
            || type.hasPrefix("application/vnd.docker.image.rootfs.foreign.diff.tar")
    }

    /// `type/subtype` as RFC 6838 restricts them: at most 127 characters each.
    static func isWellFormed(_ type: String) -> Bool {
        let parts = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let punctuation = Set("!#$&-^_.+".utf8)
        return parts.count == 2
            && parts.allSatisfy { part in
                guard let first = part.first, part.count <= 127, !punctuation.contains(first) else {
                    return false
                }
                return part.allSatisfy { byte in
                    switch byte {
                    case 48...57, 65...90, 97...122: true
                    default: punctuation.contains(byte)
                    }
                }
            }
    }
}
