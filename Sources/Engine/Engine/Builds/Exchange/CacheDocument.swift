import Builder
import ImageStore
import OCI

/// What a cache says of itself: the configuration of its manifest, or a member of an image's
/// (docs/decisions/060).
struct CacheDocument: Codable {
    /// Of the configuration of a cache's manifest.
    static let mediaType = "application/vnd.berth.buildcache.v1+json"
    /// How BuildKit calls its own, which is not read.
    static let foreignType = "application/vnd.buildkit.cacheconfig.v0"
    /// Most bytes of one.
    static let limit = 8 << 20

    /// diffIDs, one for each layer of the manifest.
    var layers: [Digest]
    var steps: [CachedStep]

    /// An image's configuration, if it has a cache: that of its own layers.
    private struct Image: Decodable {
        var cache: Embedded?
        var rootfs: RootFS?

        struct Embedded: Decodable { var steps: [CachedStep] }
        struct RootFS: Decodable {
            var layers: [Digest]
            private enum CodingKeys: String, CodingKey { case layers = "diff_ids" }
        }

        private enum CodingKeys: String, CodingKey {
            case cache = "berth.buildcache.v1"
            case rootfs
        }
    }

    /// Reads the configuration of a manifest; nil where it is no cache and has none.
    init?(_ bytes: [UInt8], of manifest: Manifest) throws {
        if manifest.config.mediaType == Self.mediaType {
            self = try OCIJSON.decode(
                CacheDocument.self,
                from: bytes,
                limit: Self.limit,
                subject: "build cache"
            )
        } else {
            let image = try OCIJSON.decode(
                Image.self,
                from: bytes,
                limit: Self.limit,
                subject: "image configuration"
            )
            guard let cache = image.cache else { return nil }
            (layers, steps) = (image.rootfs?.layers ?? [], cache.steps)
        }
        guard layers.count == manifest.layers.count else { return nil }
    }

    /// Of steps; `layers` are those whose blobs go along.
    init(_ steps: [CachedStep], layers: [Digest]) {
        self.layers = layers
        let there = Set(layers)
        self.steps = steps.filter { there.contains($0.layer) }
    }
}
