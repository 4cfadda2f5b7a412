import Linux
package import OCI
package import SystemPackage
import TextForms

/// What the build cache holds, for those who list and clear it.
package struct BuildCacheInventory: Sendable {
    private let cache: BuildCache
    private let mounts: CacheMounts
    private let notes: [FilePath]
    private let folder: FilePath

    /// `folder` is `<root>/build`.
    package init(below folder: FilePath) {
        self.folder = folder
        cache = BuildCache(folder.appending("cache"))
        mounts = CacheMounts(folder: folder.appending("mounts"))
        notes = [
            folder.appending("downloads"), folder.appending("explained"),
            folder.appending("inputs"),
        ]
    }

    /// The layers that remembered steps made.
    package func layers() throws -> Set<Digest> { try cache.layers() }

    /// Everything: one for each layer, however many steps gave it, and one for each cache mount.
    package func entries() throws -> [BuildCacheEntry] {
        let steps = Dictionary(grouping: try cache.uses(), by: \.record.layer)
            .compactMap { layer, uses -> BuildCacheEntry? in
                guard let first = uses.min(by: { $0.record.created < $1.record.created }) else {
                    return nil
                }
                let lastUsed = uses.map(\.lastUsed).max() ?? 0
                return BuildCacheEntry(
                    id: String(layer.hex.prefix(BuildCacheEntry.idLength)),
                    kind: .step,
                    text: first.record.text,
                    created: RFC3339.parse(first.record.created) ?? lastUsed,
                    lastUsed: lastUsed,
                    uses: uses.map(\.count).max(),
                    isInUse: false,
                    place: .layer(layer)
                )
            }
        let folders = try mounts.all().map { mount in
            BuildCacheEntry(
                id: String(
                    Digest.of(Array(mount.folder.utf8)).hex.prefix(BuildCacheEntry.idLength)
                ),
                kind: .mount,
                text: mount.id,
                created: mount.created,
                lastUsed: mount.lastUsed,
                uses: nil,
                isInUse: mount.isInUse,
                place: .folder(mount.folder, data: mount.data)
            )
        }
        return (steps + folders).sorted { $0.id < $1.id }
    }

    /// A cache mount that somebody has; steps wait for it as they do for each other.
    package struct HeldMount: Sendable {
        /// What steps see.
        package let data: FilePath
        private let lock: FileLock

        fileprivate init(_ held: CacheMounts.Held) {
            data = held.data
            lock = held.lock
        }
    }

    /// Takes a cache mount to read it, by its identifier or the ID that listings show; nil where there is none.
    package func mountToRead(_ text: String) async throws -> HeldMount? {
        let found = try entries().first { entry in
            guard case .folder = entry.place else { return false }
            return entry.text == text || entry.id == text
        }
        guard case .folder(let name, _)? = found?.place else { return nil }
        return try await mounts.read(name).map { HeldMount($0) }
    }

    /// Takes a cache mount alone to fill it, by its identifier; it is made where it is missing.
    package func mountToFill(_ id: String) async throws -> HeldMount {
        let wish = CacheMounts.Wish(id: id, sharing: .locked, mode: 0o755, owner: .root)
        return HeldMount(try await mounts.take(wish) { _ in })
    }

    /// Forgets what is given, but for mounts that a build has, and gives what was forgotten.
    package func forget(_ doomed: [BuildCacheEntry]) throws -> [BuildCacheEntry] {
        var (layers, folders): (Set<Digest>, Set<String>) = ([], [])
        for entry in doomed {
            switch entry.place {
            case .layer(let layer): layers.insert(layer)
            case .folder(let name, _): folders.insert(name)
            }
        }
        if !layers.isEmpty { _ = try cache.remove { layers.contains($0.layer) } }
        let removed = folders.isEmpty ? [] : try mounts.remove(folders)
        return doomed.filter { entry in
            if case .folder(let name, _) = entry.place { removed.contains(name) } else { true }
        }
    }

    /// Removes what is noted of downloads, for `--explain` and of what images were built of, and has not
    /// changed since `moment`, in nanoseconds since 1970.
    package func forgetNotes(before moment: Int64) throws {
        for folder in notes {
            for name in try BuildCache.names(folder) {
                let path = folder.appending(name)
                // One that vanished needs no removal.
                guard let time = LastUse.look(path)?.time, time < moment else { continue }
                try removeTree(path)
            }
        }
    }

    /// Whether nobody has looked at the bounds since `moment`, in nanoseconds since 1970; who is told so
    /// looks now.
    package func isDue(since moment: Int64) throws -> Bool {
        let mark = folder.appending("bounded")
        if let time = LastUse.look(mark)?.time, time >= moment { return false }
        try makeDirectories(folder)
        try atomicWrite([], to: mark, synced: false)
        return true
    }
}
