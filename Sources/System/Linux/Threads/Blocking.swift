import CLinux
import Glibc

/// Runs a call that blocks (mount, tar, fsync, SQLite) on a thread of a bounded pool, so that it
/// does not hold one of the few threads that run tasks. Calls start in the order they came.
///
/// Not for waits without an end (a lock, a child): those would use up the pool.
package func blocking<R: Sendable, E: Error>(
    _ body: @escaping @Sendable () throws(E) -> R
) async throws(E) -> R {
    let handover = Handover<R, E>()
    await withCheckedContinuation { continuation in
        ThreadPool.shared.submit {
            handover.put(Result(catching: body))
            continuation.resume()
        }
    }
    return try handover.take().get()
}

/// Lets go of a value on a thread of the same pool: for one whose end takes long and waits for the
/// kernel, as that of the last descriptor of a file system.
package func releaseElsewhere(_ value: consuming some Sendable) {
    let held = value
    ThreadPool.shared.submit { withExtendedLifetime(held) {} }
}

/// Threads that come when work waits and leave when there was none for a while.
///
/// `@unchecked Sendable`: every stored variable is used only while `mutex` is held.
private final class ThreadPool: @unchecked Sendable {
    static let shared = ThreadPool(limit: max(16, 4 * sysconf(CInt(_SC_NPROCESSORS_ONLN))))

    private let limit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Work not begun, oldest last; as long as there are callers, each of which waits.
    private var newest: [@Sendable () -> Void] = []
    private var oldest: [@Sendable () -> Void] = []
    private var threads = 0
    private var idle = 0

    private static let idleSeconds = 5

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    func submit(_ work: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        newest.append(work)
        let waiting = newest.count + oldest.count
        let grows = waiting > idle && threads < limit
        if grows { threads += 1 }
        pthread_cond_signal(arrival)
        pthread_mutex_unlock(mutex)
        guard grows else { return }
        do throws(SyscallError) {
            try startThread { self.serve() }
        } catch {
            threadFailed()
        }
    }

    /// No thread to be had: the others carry on, and without any the work is done here.
    private func threadFailed() {
        pthread_mutex_lock(mutex)
        threads -= 1
        let work = threads == 0 ? next() : nil
        pthread_mutex_unlock(mutex)
        work?()
    }

    private func serve() {
        while let work = waitForWork() { work() }
    }

    /// The next work; nil when the thread has been idle long enough to end.
    private func waitForWork() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += Self.idleSeconds
        while true {
            if let work = next() { return work }
            idle += 1
            let code = pthread_cond_timedwait(arrival, mutex, &deadline)
            idle -= 1
            if code == ETIMEDOUT, newest.isEmpty, oldest.isEmpty {
                threads -= 1
                return nil
            }
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        if oldest.isEmpty {
            oldest = newest.reversed()
            newest.removeAll(keepingCapacity: true)
        }
        return oldest.popLast()
    }
}
