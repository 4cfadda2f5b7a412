import Synchronization

/// A result on its way from a thread to the task that waits for it.
///
/// Resuming a continuation with the result itself would leave a reference on the thread for a moment
/// after the task goes on: a lock or a socket in it would outlive its owner by as much.
final class Handover<R: Sendable, E: Error>: Sendable {
    private let result = Mutex<Result<R, E>?>(nil)

    /// Called by the thread, once, before it resumes the task.
    func put(_ value: Result<R, E>) { result.withLock { $0 = value } }

    /// Called by the task, once, after it was resumed.
    func take() -> Result<R, E> {
        let value = result.withLock { result in
            defer { result = nil }
            return result
        }
        guard let value else { preconditionFailure("resumed before there was a result") }
        return value
    }
}
