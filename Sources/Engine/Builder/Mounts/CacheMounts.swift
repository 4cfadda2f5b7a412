import Glibc
import Linux
import OCI
import SystemPackage

/// The folders of `RUN --mount=type=cache`, by the digest of their identifier:
///
///     <root>/build/mounts/<hex>[-n]/data   what the steps see
///                                  /lock   held while a step has it, shared or alone
///                                  /id     the identifier, for those who look
///
/// They are shared by all builds of this machine and go only when somebody prunes.
struct CacheMounts: Sendable {
    let folder: FilePath

    /// What a step wants of a cache.
    struct Wish: Sendable {
        var id: String
        var sharing: RunMount.Sharing
        /// Of a new one.
        var mode: UInt32
        var owner: FileOwner
    }

    /// A cache that a step has as long as it holds the lock.
    struct Held: Sendable {
        var data: FilePath
        var lock: FileLock
    }

    /// Most folders that one identifier has at the same time (`sharing=private`).
    private static let maximumCopies = 1000

    /// Takes a cache, waiting for those who have it where the sharing rule says so. `seed` fills the
    /// folder of a new one.
    func take(
        _ wish: Wish,
        seed: @escaping @Sendable (FilePath) throws -> Void
    ) async throws -> Held {
        switch wish.sharing {
        case .locked:
            let place = place(of: wish.id)
            let lock = try await lock(place, shared: false)
            return try await open(place, lock, wish, seed)
        case .private:
            for copy in 0..<Self.maximumCopies {
                let place = place(of: wish.id, copy: copy)
                try makeDirectories(place)
                guard let lock = try FileLock.tryAcquire(Self.lockPath(place)) else { continue }
                return try await open(place, lock, wish, seed)
            }
            throw ViewError("cache \(wish.id): more than \(Self.maximumCopies) builds have one")
        case .shared:
            let place = place(of: wish.id)
            while true {
                if let held = try await share(place) { return held }
                // Made by one alone; then everybody may have it.
                try await make(place, wish, seed)
            }
        }
    }

    /// Nil for one that has not been made; the lock is free again then.
    private func share(_ place: FilePath) async throws -> Held? {
        let lock = try await lock(place, shared: true)
        let data = place.appending("data")
        guard Self.exists(data) else { return nil }
        LastUse.note(Self.lockPath(place))
        return Held(data: data, lock: lock)
    }

    private func make(
        _ place: FilePath,
        _ wish: Wish,
        _ seed: @escaping @Sendable (FilePath) throws -> Void
    ) async throws {
        _ = try await open(place, lock(place, shared: false), wish, seed)
    }

    private func lock(_ place: FilePath, shared: Bool) async throws -> FileLock {
        while true {
            try makeDirectories(place)
            do {
                return try await FileLock.acquire(Self.lockPath(place), shared: shared)
            } catch let error as SyscallError where error.errno == ENOENT {
                // It was pruned at this moment.
                continue
            }
        }
    }

    private func open(
        _ place: FilePath,
        _ lock: FileLock,
        _ wish: Wish,
        _ seed: @escaping @Sendable (FilePath) throws -> Void
    ) async throws -> Held {
        let data = place.appending("data")
        return try await blocking { () throws(any Error) in
            LastUse.note(Self.lockPath(place))
            if Self.exists(data) { return Held(data: data, lock: lock) }
            let making = place.appending("making")
            try removeTree(making)
            try makeDirectories(making)
            let directory = SharedFD(try openFile(making, O_RDONLY | O_DIRECTORY))
            try directory.with { fd in
                _ = try syscall("chown", on: making.string) {
                    fchown(fd, wish.owner.user, wish.owner.group)
                }
                _ = try syscall("chmod", on: making.string) { fchmod(fd, wish.mode) }
            }
            try seed(making)
            try atomicWrite(Array(wish.id.utf8), to: place.appending("id"), synced: false)
            _ = try syscall("rename", on: data.string) {
                making.withPlatformString { from in
                    data.withPlatformString { rename(from, $0) }
                }
            }
            return Held(data: data, lock: lock)
        }
    }

    /// A cache, for those who look.
    struct Listed: Sendable {
        /// The name of its folder.
        var folder: String
        var id: String
        var data: FilePath
        /// Nanoseconds since 1970: when it was made, and when a step last had it.
        var created: Int64
        var lastUsed: Int64
        var isInUse: Bool
    }

    /// Takes one that is listed, by its folder, for somebody who reads it; nil when it has gone.
    func read(_ name: String) async throws -> Held? {
        let place = folder.appending(name)
        guard Self.exists(place.appending("data")) else { return nil }
        return try await share(place)
    }

    /// Removes those of the caches, by their folders, that no build has, and gives their folders.
    func remove(_ folders: Set<String>) throws -> Set<String> {
        var removed: Set<String> = []
        for name in try Self.names(folder) where folders.contains(name.string) {
            let place = folder.appending(name)
            guard let lock = try FileLock.tryAcquire(Self.lockPath(place)) else { continue }
            try removeTree(place)
            removed.insert(name.string)
            withExtendedLifetime(lock) {}
        }
        return removed
    }

    /// Every cache.
    func all() throws -> [Listed] {
        var all: [Listed] = []
        for name in try Self.names(folder) {
            let place = folder.appending(name)
            // One that is being made has none yet.
            guard let id = try? readFile(place.appending("id"), limit: 1 << 16),
                let created = LastUse.look(place.appending("id"))?.time,
                let used = LastUse.look(Self.lockPath(place))?.time
            else { continue }
            all.append(
                Listed(
                    folder: name.string,
                    id: String(decoding: id, as: UTF8.self),
                    data: place.appending("data"),
                    created: created,
                    lastUsed: max(created, used),
                    isInUse: try FileLock.tryAcquire(Self.lockPath(place)) == nil
                )
            )
        }
        return all
    }

    private func place(of id: String, copy: Int = 0) -> FilePath {
        let hex = Digest.of(Array(id.utf8)).hex
        return folder.appending(copy == 0 ? hex : "\(hex)-\(copy)")
    }

    private static func lockPath(_ place: FilePath) -> FilePath { place.appending("lock") }

    private static func exists(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, F_OK) == 0 }
    }

    private static func names(_ path: FilePath) throws(SyscallError) -> [FilePath.Component] {
        do throws(SyscallError) {
            return try openFile(path, O_RDONLY | O_DIRECTORY).entryNames()
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return []
        }
    }
}
