import Linux
package import OCI
package import SystemPackage

/// What the build cache holds, for those who count and clear it.
package struct BuildCacheInventory: Sendable {
    private let cache: BuildCache
    private let mounts: CacheMounts
    private let downloads: FilePath
    private let explained: FilePath

    /// `folder` is `<root>/build`.
    package init(below folder: FilePath) {
        cache = BuildCache(folder.appending("cache"))
        mounts = CacheMounts(folder: folder.appending("mounts"))
        downloads = folder.appending("downloads")
        explained = folder.appending("explained")
    }

    /// The folders of `RUN --mount=type=cache`: their identifiers, and where their content is.
    package func cacheMounts() throws -> [(id: String, data: FilePath)] { try mounts.all() }

    /// Removes those that no build has at the moment, and what is remembered of downloads; gives the
    /// number of the folders.
    package func forgetCacheMounts() throws -> Int {
        try removeTree(downloads)
        try removeTree(explained)
        return try mounts.removeUnused()
    }

    /// The layers that remembered steps made.
    package func layers() throws -> Set<Digest> { try cache.layers() }

    /// How many steps are remembered.
    package func count() throws -> Int { try cache.count() }

    /// Forgets the steps whose layer `doomed` is true of, and gives their number.
    package func forget(where doomed: (Digest) -> Bool) throws -> Int {
        try cache.remove { doomed($0.layer) }
    }
}
