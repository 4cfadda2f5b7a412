package import OCI
package import SystemPackage

/// One thing that the build cache holds: what a step gave, or a folder of `RUN --mount=type=cache`.
package struct BuildCacheEntry: Hashable, Sendable {
    /// docker's words for what can be in a cache.
    package enum Kind: String, Hashable, Sendable {
        case step = "regular"
        case mount = "exec.cachemount"
    }

    /// Short, of letters and digits; the same as long as the thing is there.
    package var id: String
    /// What it is.
    package var kind: Kind
    /// The step, or the mount's identifier.
    package var text: String
    /// Nanoseconds since 1970.
    package var created: Int64
    /// Nanoseconds since 1970 at which a build last had it.
    package var lastUsed: Int64
    /// How many builds had it; nil where nobody counts.
    package var uses: Int?
    /// Whether a build has it at the moment.
    package var isInUse: Bool
    /// Where it lies.
    package var place: Place

    /// A layer of the store, or a folder of the cache's own.
    package enum Place: Hashable, Sendable {
        case layer(Digest)
        /// A cache mount's folder by its name, and what is in it.
        case folder(String, data: FilePath)
    }

    /// As long as docker's.
    static let idLength = 25
}
