import Glibc

/// Starts a detached thread that runs `body` and ends. For work that changes its thread (setns)
/// or that blocks for an unknown time; everything else goes through `blocking`.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(SyscallError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))

    let box = Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        &attributes,
        { argument in
            if let argument {
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        },
        box.toOpaque()
    )
    if code != 0 {
        box.release()
        throw SyscallError(call: "pthread_create", subject: "", errno: code)
    }
}

/// Runs `body` on a thread of its own and waits for its result.
package func onOwnThread<R: Sendable, E: Error>(
    _ body: @escaping @Sendable () throws(E) -> R
) async throws -> R {
    let handover = Handover<R, E>()
    try await withCheckedThrowingContinuation {
        (continuation: CheckedContinuation<Void, any Error>) in
        do throws(SyscallError) {
            try startThread {
                handover.put(Result(catching: body))
                continuation.resume()
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
    return try handover.take().get()
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
