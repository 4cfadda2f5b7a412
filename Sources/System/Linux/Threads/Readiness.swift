import CLinux
import Glibc
import Synchronization

/// Waiting for descriptors without a thread each: one thread sleeps in epoll for everybody.
///
/// Every wait registers a duplicate of the descriptor, so the same one may be waited on many
/// times at once and closed at any moment by its owner.
package enum Readiness {
    /// Returns when reading would not block, or the other side is gone.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, `SyscallError` otherwise.
    package static func readable(_ fd: SharedFD) async throws {
        try await EpollLoop.shared().wait(try fd.duplicate(), for: EPOLLIN.rawValue)
    }

    /// Returns when writing would not block, or the other side is gone.
    package static func writable(_ fd: SharedFD) async throws {
        try await EpollLoop.shared().wait(try fd.duplicate(), for: EPOLLOUT.rawValue)
    }

    /// As `readable(_:)`, for a descriptor with one owner.
    package static func readable(_ fd: borrowing OwnedFD) async throws {
        try await EpollLoop.shared().wait(try fd.duplicate(), for: EPOLLIN.rawValue)
    }

    /// As `writable(_:)`, for a descriptor with one owner.
    package static func writable(_ fd: borrowing OwnedFD) async throws {
        try await EpollLoop.shared().wait(try fd.duplicate(), for: EPOLLOUT.rawValue)
    }
}

/// The epoll set, its thread, and who waits for what.
private final class EpollLoop: Sendable {
    private enum Waiter {
        case starting
        case cancelled
        case waiting(CheckedContinuation<Void, any Error>)
    }

    private struct State {
        var lastID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private static let started = Result { () throws(SyscallError) -> EpollLoop in
        let loop = try EpollLoop()
        try startThread { loop.run() }
        return loop
    }

    private let epoll: OwnedFD
    private let state = Mutex(State())

    static func shared() throws(SyscallError) -> EpollLoop { try started.get() }

    private init() throws(SyscallError) {
        let fd = try syscall("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) }
        epoll = OwnedFD(taking: fd)
    }

    func wait(_ fd: consuming OwnedFD, for events: UInt32) async throws {
        let watched = SharedFD(fd)
        let id = state.withLock { state in
            state.lastID += 1
            state.waiters[state.lastID] = .starting
            return state.lastID
        }
        defer { remove(watched) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                begin(id, watched, events, continuation)
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func begin(
        _ id: UInt64,
        _ fd: SharedFD,
        _ events: UInt32,
        _ continuation: CheckedContinuation<Void, any Error>
    ) {
        let isCancelled = state.withLock { state in
            if case .cancelled = state.waiters[id] {
                state.waiters[id] = nil
                return true
            }
            state.waiters[id] = .waiting(continuation)
            return false
        }
        if isCancelled { return continuation.resume(throwing: CancellationError()) }
        do throws(SyscallError) {
            try add(fd, id, events)
        } catch {
            // A regular file cannot be watched because it is always ready.
            finish(id, error.errno == EPERM ? .success(()) : .failure(error))
        }
    }

    private func add(_ fd: SharedFD, _ id: UInt64, _ events: UInt32) throws(SyscallError) {
        var event = epoll_event()
        event.events = events | EPOLLONESHOT.rawValue
        event.data.u64 = id
        try epoll.with { epoll throws(SyscallError) in
            try fd.with { fd throws(SyscallError) in
                _ = try syscall("epoll_ctl") { epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) }
            }
        }
    }

    /// Closing the duplicate would not be enough: its original keeps the open file alive.
    private func remove(_ fd: SharedFD) {
        var event = epoll_event()
        epoll.with { epoll in
            fd.with { fd in _ = epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event) }
        }
    }

    private func cancel(_ id: UInt64) {
        let wasStarting = state.withLock { state in
            guard case .starting = state.waiters[id] else { return false }
            state.waiters[id] = .cancelled
            return true
        }
        if !wasStarting { finish(id, .failure(CancellationError())) }
    }

    private func finish(_ id: UInt64, _ result: Result<Void, any Error>) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        if case .waiting(let continuation) = waiter { continuation.resume(with: result) }
    }

    private func run() {
        let count = 64
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: count)
        defer { events.deallocate() }
        while true {
            let ready = epoll.with { epoll_wait($0, events, CInt(count), -1) }
            precondition(ready >= 0 || errno == EINTR, "epoll_wait on our own epoll set failed")
            for index in 0..<max(0, Int(ready)) { finish(events[index].data.u64, .success(())) }
        }
    }
}
