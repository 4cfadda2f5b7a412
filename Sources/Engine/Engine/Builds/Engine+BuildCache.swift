import Builder
import Linux
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

    /// Removes the folders of `RUN --mount=type=cache` that no build has at the moment, and gives
    /// their identifiers and the bytes of their files.
    package func pruneCacheMounts() async throws -> (ids: [String], bytes: Int64) {
        let inventory = buildCache
        return try await blocking { () throws(any Error) in
            let before = try inventory.cacheMounts()
            let sizes = before.map { FolderSize.bytes(below: $0.data) }
            _ = try inventory.forgetCacheMounts()
            let left = Set(try inventory.cacheMounts().map(\.data))
            var removed: (ids: [String], bytes: Int64) = ([], 0)
            for (mount, size) in zip(before, sizes) where !left.contains(mount.data) {
                removed.ids.append(mount.id)
                removed.bytes += size
            }
            return removed
        }
    }

    /// The steps that builds remember.
    var buildCache: BuildCacheInventory { BuildCacheInventory(below: layout.buildCache) }
}
