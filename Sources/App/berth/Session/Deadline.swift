/// A limit on how long something may take.
enum Deadline {
    /// Runs `body`, cancelled with what `failure` says then when `limit` is over; nil is no
    /// limit.
    static func run<R: Sendable>(
        _ limit: Duration?,
        else failure: @escaping @Sendable () -> Failure,
        _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        guard let limit else { return try await body() }
        return try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: limit)
                throw failure()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw failure() }
            return result
        }
    }
}
