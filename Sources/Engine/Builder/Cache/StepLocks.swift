import Linux
import OCI
import SystemPackage

/// Lets one build at a time carry out a step, by what the step depends on: the others wait, and find
/// its result in the cache. A file for each step that is being carried out, `<root>/build/steps/<key>`,
/// locked while it is.
struct StepLocks: Sendable {
    let folder: FilePath

    /// The right to carry out a step; others that wait go on when it is gone.
    final class Claim: Sendable {
        private let path: FilePath
        private let lock: FileLock

        fileprivate init(_ path: FilePath, _ lock: FileLock) {
            self.path = path
            self.lock = lock
        }

        deinit {
            // Whoever waits for it sees that it is gone and makes a new one; one that stays is removed
            // by the next build.
            try? removeTree(path)
            withExtendedLifetime(lock) {}
        }
    }

    /// Takes the right; `waits` is called when another build has it.
    func claim(_ key: Digest, waits: () -> Void) async throws -> Claim {
        let path = folder.appending(key.hex)
        try makeDirectories(folder)
        if let lock = try FileLock.tryAcquire(path) { return Claim(path, lock) }
        waits()
        return Claim(path, try await FileLock.acquire(path))
    }

    /// Removes what builds that were killed left.
    func removeAbandoned() throws(SyscallError) {
        for name in try BuildCache.names(folder) {
            let path = folder.appending(name)
            guard let lock = try FileLock.tryAcquire(path) else { continue }
            try removeTree(path)
            withExtendedLifetime(lock) {}
        }
    }
}
