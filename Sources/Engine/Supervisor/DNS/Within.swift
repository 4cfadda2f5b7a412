/// The result of an attempt that must not take longer; nil when it does, fails, or is cancelled.
func within<R: Sendable>(
    _ patience: Duration,
    _ body: @escaping @Sendable () async throws -> R
) async -> R? {
    await withTaskGroup(of: R?.self) { group in
        // `try?`: the caller treats every end without a result alike.
        group.addTask { try? await body() }
        group.addTask {
            try? await Task.sleep(for: patience)
            return nil
        }
        let first = await group.next()
        group.cancelAll()
        return first ?? nil
    }
}
