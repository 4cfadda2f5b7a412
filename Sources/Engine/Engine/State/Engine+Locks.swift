package import Linux

extension Engine {
    /// Waits until no other command changes the project, and keeps others waiting until the lock
    /// ends. `waiting` is called once if somebody has it.
    package func convergenceLock(
        ofProject name: String,
        waiting: @Sendable () -> Void = {}
    ) async throws -> FileLock {
        try Layout.make(layout.projectRun(name))
        let path = layout.convergenceLock(name)
        if let lock = try FileLock.tryAcquire(path) { return lock }
        waiting()
        return try await FileLock.acquire(path)
    }
}
