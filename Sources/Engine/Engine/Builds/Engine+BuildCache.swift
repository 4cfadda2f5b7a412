import Builder
package import OCI

extension Engine {
    /// Forgets the build steps whose layers no image has, or all of them, and gives the layers that
    /// the cache knew of and does not any more.
    package func pruneBuildCache(all: Bool) async throws -> Set<Digest> {
        let used = Set(try await images().flatMap(\.image.layers).map(\.diffID))
        let before = try buildCache.layers()
        _ = try buildCache.forget { all || !used.contains($0) }
        return before.subtracting(try buildCache.layers())
    }

    /// The steps that builds remember.
    var buildCache: BuildCacheInventory { BuildCacheInventory(below: layout.buildCache) }
}
