import Glibc
package import Linux

extension Engine {
    /// Whether a command is changing the project: what is gone may come back.
    package func isConverging(_ name: String) -> Bool {
        FileLock.isHeld(layout.convergenceLock(name))
    }

    /// Waits until no other command changes the project, and keeps others waiting until the lock
    /// ends. `waiting` is called once if somebody has it.
    package func convergenceLock(
        ofProject name: String,
        waiting: @Sendable () -> Void = {}
    ) async throws -> FileLock {
        let path = layout.convergenceLock(name)
        var hasWaited = false
        while true {
            try Layout.make(layout.projectLocks(name))
            do {
                if let lock = try FileLock.tryAcquire(path) { return lock }
                if !hasWaited { waiting() }
                hasWaited = true
                return try await FileLock.acquire(path)
            } catch let error as SyscallError where error.errno == ENOENT {
                // Who had the lock took the project away, and the folder with it.
                continue
            }
        }
    }
}
