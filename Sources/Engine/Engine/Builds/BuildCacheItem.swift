import Builder

/// Something in the build cache, with the room that it takes.
package struct BuildCacheItem: Hashable, Sendable {
    let entry: BuildCacheEntry
    /// Of its files.
    package let bytes: Int64
    /// Whether an image has it too, so that removing it makes no room.
    package let isShared: Bool

    init(_ entry: BuildCacheEntry, bytes: Int64, isShared: Bool) {
        self.entry = entry
        self.bytes = bytes
        self.isShared = isShared
    }

    /// Short, of letters and digits; the same as long as it is there.
    package var id: String { entry.id }
    /// What it is, in docker's words: `regular` or `exec.cachemount`.
    package var kind: String { entry.kind.rawValue }
    /// The step that made it, or the mount's identifier.
    package var text: String { entry.text }
    /// When the cache got it.
    package var created: Timestamp { Timestamp(nanoseconds: entry.created) }
    /// When a build last had it.
    package var lastUsed: Timestamp { Timestamp(nanoseconds: entry.lastUsed) }
    /// How many builds had it; nil where nobody counts.
    package var uses: Int? { entry.uses }
    /// Whether a build has it at the moment.
    package var isInUse: Bool { entry.isInUse }
    /// Whether steps write into it.
    package var isMutable: Bool { entry.kind == .mount }
    /// What removing it gives back.
    package var ownBytes: Int64 { isShared ? 0 : bytes }
}
