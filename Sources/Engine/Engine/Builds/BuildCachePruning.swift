import Builder

/// Which part of the build cache goes, in the words of BuildKit's rules.
package struct BuildCachePruning: Sendable {
    /// Takes what images have, too.
    package var takesShared = false
    /// Nanoseconds since 1970: what was used since then stays.
    package var unusedSince: Int64?
    /// What of the rest is meant.
    package var means: @Sendable (BuildCacheItem) -> Bool = { _ in true }
    /// The cache may have this much, whatever the others say.
    package var reservedBytes: Int64 = 0
    /// It may not have more than this; 0 is no such bound.
    package var maximumBytes: Int64 = 0
    /// This much of the disk is to be free; 0 is no such bound.
    package var freeBytes: Int64 = 0

    /// Everything that no image has.
    package init() {}

    private var isBounded: Bool { reservedBytes > 0 || maximumBytes > 0 || freeBytes > 0 }

    /// What goes of the items, those first that were used longest ago. `free` are the bytes of the disk
    /// that are free now.
    package func choose(from items: [BuildCacheItem], free: Int64) -> [BuildCacheItem] {
        let meant = items.filter { item in
            !item.entry.isInUse && (takesShared || !item.isShared)
                && unusedSince.map { item.entry.lastUsed < $0 } != false && means(item)
        }
        .sorted {
            ($0.entry.lastUsed, $0.entry.uses ?? 0, $0.entry.id)
                < ($1.entry.lastUsed, $1.entry.uses ?? 0, $1.entry.id)
        }
        guard isBounded else { return meant }
        // The bound is on what the rule is about: all of the cache, or the kind that it means.
        var total = items.filter(means).reduce(0) { $0 + $1.ownBytes }
        let kept = keptBytes(of: total, free: free)
        var chosen: [BuildCacheItem] = []
        for item in meant {
            guard total > kept else { break }
            total -= item.ownBytes
            chosen.append(item)
        }
        return chosen
    }

    private func keptBytes(of total: Int64, free: Int64) -> Int64 {
        var kept = maximumBytes > 0 ? maximumBytes : freeBytes > 0 ? total : 0
        if freeBytes > free { kept = min(kept, total - (freeBytes - free)) }
        return max(kept, reservedBytes)
    }
}

extension BuildCachePruning {
    /// The rules that hold without anybody asking, for a disk of this size. They are docker's: what a
    /// build can make again cheaply goes first.
    ///
    /// `maximum` is what the user set, nil where nothing was.
    package static func automatic(
        now: Int64,
        disk: Int64,
        maximum: Int64?
    ) -> [BuildCachePruning] {
        let day: Int64 = 86_400_000_000_000
        var mounts = BuildCachePruning()
        mounts.unusedSince = now - 2 * day
        mounts.means = { $0.entry.kind == .mount }
        mounts.maximumBytes = min(maximum ?? .max, 3 << 30)
        var old = BuildCachePruning()
        old.unusedSince = now - 60 * day
        old.reservedBytes = disk / 10
        var all = BuildCachePruning()
        all.reservedBytes = min(maximum ?? .max, disk / 10)
        all.maximumBytes = maximum ?? disk / 4 * 3
        all.freeBytes = disk / 5
        var shared = BuildCachePruning()
        shared.takesShared = true
        // What images have costs nothing but a name; it is looked through now and then all the same.
        shared.unusedSince = now - 60 * day
        shared.means = { $0.isShared }
        return [mounts, old, all, shared]
    }
}
