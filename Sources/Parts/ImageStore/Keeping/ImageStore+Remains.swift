import Glibc
import Linux
package import SystemPackage

extension ImageStore {
    /// What commands that were killed left: half-made things in staging and in front of blobs. None
    /// while somebody is at work, whose it may be.
    ///
    /// The beginning of a blob is not among it: the next pull goes on from there.
    package func remains() throws -> [FilePath] {
        guard try mayHaveRemains() else { return [] }
        return try alone {
            try inStaging().filter { !Self.isKept($0) && !Self.isLock($0) }
                + abandonedWrites(in: blobs)
        } ?? []
    }

    /// Removes what commands that were killed left; gives what `remains` would have.
    package func removeRemains() throws -> [FilePath] {
        guard try mayHaveRemains() else { return [] }
        return try alone {
            var removed: [FilePath] = []
            for path in try inStaging() where !Self.isKept(path) {
                try removeTree(path)
                if !Self.isLock(path) { removed.append(path) }
            }
            return try removed + removeAbandonedWrites(in: blobs)
        } ?? []
    }

    /// Spares others the wait for a lock in the usual case.
    private func mayHaveRemains() throws -> Bool {
        try inStaging().contains { !Self.isKept($0) } || !abandonedWrites(in: blobs).isEmpty
    }

    /// Everything in staging but the store's lock.
    func inStaging() throws -> [FilePath] {
        try folderEntries(staging).filter { $0 != Self.lockName }.sorted()
            .map { staging.appending($0) }
    }

    private static func isKept(_ path: FilePath) -> Bool { path.extension == "blob" }

    /// The file of a layer's lock harms nobody.
    private static func isLock(_ path: FilePath) -> Bool { path.extension == "lock" }

    private static let lockName = "store.lock"

    var storeLock: FilePath { staging.appending(Self.lockName) }

    /// Runs `body` while nobody pulls, builds or saves; nil, without running it, while somebody
    /// does.
    func alone<R>(_ body: () throws -> R) throws -> R? {
        let lock: StoreHold
        do throws(SyscallError) {
            lock = try StoreHold(storeLock, LOCK_EX | LOCK_NB)
        } catch {
            guard error.errno == EWOULDBLOCK else { throw error }
            return nil
        }
        return try withExtendedLifetime(lock) { try body() }
    }
}
