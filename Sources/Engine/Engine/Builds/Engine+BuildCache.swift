import Builder
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage

extension Engine {
    /// What pruning the build cache did.
    package struct BuildCacheRemoval: Sendable {
        /// What was forgotten, by identifier.
        package var items: [BuildCacheItem] = []
        /// Whether the layers are still on the disk, since somebody builds, pulls or saves.
        package var isPostponed = false

        /// What the disk got back.
        package var bytes: Int64 { items.reduce(0) { $0 + $1.ownBytes } }

        /// Nothing.
        package init() {}
    }

    /// Everything that the build cache holds, by identifier.
    package func buildCacheItems() async throws -> [BuildCacheItem] {
        let images = Set(try await images().flatMap(\.image.layers).map(\.diffID))
        let (inventory, store) = (buildCache, imageStore)
        return try await blocking { () throws(any Error) in
            try inventory.entries().map { entry in
                switch entry.place {
                case .folder(_, let data):
                    BuildCacheItem(entry, bytes: FolderSize.bytes(below: data), isShared: false)
                case .layer(let layer):
                    // One that was lost takes no room.
                    BuildCacheItem(
                        entry,
                        bytes: (try? store.contentBytes(of: layer)) ?? 0,
                        isShared: images.contains(layer)
                    )
                }
            }
        }
    }

    /// Forgets what `rule` says, and removes the layers that nothing needs then unless `collects` is
    /// false: who prunes more collects once, afterwards.
    package func pruneBuildCache(
        _ rule: BuildCachePruning,
        collects: Bool = true
    ) async throws -> BuildCacheRemoval {
        try await pruneBuildCache([rule], collects: collects)
    }

    /// Keeps the cache within its bounds: the user's (`maximum`), and those that hold for everybody.
    /// Looks at most once in an hour, but for `maximum`, which is looked at each time.
    package func boundBuildCache(maximum: Int64?) async throws -> BuildCacheRemoval {
        let now = wallClockNanoseconds()
        let hour: Int64 = 3_600_000_000_000
        guard try buildCache.isDue(since: now - hour) || maximum != nil else {
            return BuildCacheRemoval()
        }
        try buildCache.forgetNotes(before: now - 60 * 24 * hour)
        let disk = diskSpace().size
        return try await pruneBuildCache(
            BuildCachePruning.automatic(now: now, disk: disk, maximum: maximum),
            collects: true
        )
    }

    private func pruneBuildCache(
        _ rules: [BuildCachePruning],
        collects: Bool
    ) async throws -> BuildCacheRemoval {
        var left = try await buildCacheItems()
        var removal = BuildCacheRemoval()
        let (inventory, free) = (buildCache, diskSpace().free)
        for rule in rules {
            let doomed = rule.choose(from: left, free: free + removal.bytes)
            guard !doomed.isEmpty else { continue }
            let gone = try await blocking { () throws(any Error) in
                Set(try inventory.forget(doomed.map(\.entry)))
            }
            removal.items += doomed.filter { gone.contains($0.entry) }
            left.removeAll { gone.contains($0.entry) }
        }
        if collects, !removal.items.isEmpty {
            removal.isPostponed = try await collectImageGarbage() == nil
        }
        return removal
    }

    /// Bytes of the file system of berth's root, and those that are free; no bound follows from it
    /// where that cannot be asked.
    private func diskSpace() -> (size: Int64, free: Int64) {
        var status = statvfs()
        guard statvfs(layout.root.string, &status) == 0 else { return (.max, .max) }
        let unit = Int64(status.f_frsize)
        return (Int64(status.f_blocks) * unit, Int64(status.f_bavail) * unit)
    }

    /// The steps that builds remember.
    var buildCache: BuildCacheInventory { BuildCacheInventory(below: layout.buildCache) }
}
