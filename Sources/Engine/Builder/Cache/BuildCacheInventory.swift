package import OCI
package import SystemPackage

/// What the build cache holds, for those who count and clear it.
package struct BuildCacheInventory: Sendable {
    private let cache: BuildCache

    /// `folder` is `<root>/build`.
    package init(below folder: FilePath) { cache = BuildCache(folder.appending("cache")) }

    /// The layers that remembered steps made.
    package func layers() throws -> Set<Digest> { try cache.layers() }

    /// How many steps are remembered.
    package func count() throws -> Int { try cache.count() }

    /// Forgets the steps whose layer `doomed` is true of, and gives their number.
    package func forget(where doomed: (Digest) -> Bool) throws -> Int {
        try cache.remove { doomed($0.layer) }
    }
}
