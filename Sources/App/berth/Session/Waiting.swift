import Dispatch
import Synchronization

/// Runs the part of a command that needs tasks, and waits for its end: the command itself can then
/// be one that needs none, and starts no threads where that part is not asked for.
///
/// It blocks its thread, so it is for commands that are not `async`, which run on the main one.
func waiting<Value: Sendable>(
    for body: @escaping @Sendable () async throws -> Value
) throws -> Value {
    let outcome = Outcome<Value>()
    // Nobody cancels it: its end is waited for two lines below.
    Task {
        do {
            let value = try await body()
            outcome.result.withLock { $0 = .success(value) }
        } catch {
            outcome.result.withLock { $0 = .failure(error) }
        }
        outcome.isThere.signal()
    }
    outcome.isThere.wait()
    return try outcome.result.withLock { result in
        guard let result else { preconditionFailure("the signal comes after the result") }
        return try result.get()
    }
}

/// Where a task leaves what it came to.
private final class Outcome<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let isThere = DispatchSemaphore(value: 0)
}
