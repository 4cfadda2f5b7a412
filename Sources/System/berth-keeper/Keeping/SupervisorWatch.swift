import CLinux

/// Notices that the supervisor is gone, and brings a new one back.
///
/// Who starts it does not matter: a supervisor that finds the lock taken ends at once, and the
/// keepers then watch the one that holds it, by the mark in its lock file. The keepers of one
/// project wait a little differently long, so that mostly one of them starts one.
struct SupervisorWatch {
    private let spec: Spec
    /// pidfd of the living supervisor; -1 while there is none.
    private(set) var fd: CInt
    private var nextTry: Int64 = -1
    private var delay: Int64 = 0
    private var watchedSince: Int64

    /// A supervisor that lived this long is forgiven its predecessors' failures.
    private static let healthyAfter: Int64 = 10_000
    private static let longestDelay: Int64 = 60_000

    init(_ spec: Spec, starter: CInt) {
        self.spec = spec
        fd = starter
        watchedSince = upTime()
    }

    /// For poll(2): milliseconds until there is something to do, -1 for never.
    var timeout: CInt {
        nextTry < 0 ? -1 : CInt(max(0, min(nextTry - upTime(), Self.longestDelay)))
    }

    /// The watched process ended.
    mutating func supervisorEnded() {
        reap()
        let now = upTime()
        if now - watchedSince > Self.healthyAfter { delay = 0 }
        if !watchLockHolder() { nextTry = now + delay + Int64(getpid() & 31) * 8 }
        delay = min(max(delay * 2, 100), Self.longestDelay)
    }

    /// Called after every poll.
    mutating func tick() {
        guard nextTry >= 0, upTime() >= nextTry else { return }
        nextTry = -1
        if watchLockHolder() { return }
        if !start() { nextTry = upTime() + max(delay, 100) }
    }

    /// Stops watching for good.
    mutating func stop() {
        reap()
        nextTry = -1
    }

    /// It may be a child of ours; then it would stay as a zombie.
    private mutating func reap() {
        var info = siginfo_t()
        if fd >= 0 { _ = berth_waitid_pidfd(fd, &info, WEXITED | WNOHANG) }
        _ = close(fd)
        fd = -1
    }

    /// The process named in the lock file, if it is alive and still the same.
    private mutating func watchLockHolder() -> Bool {
        let file = berth_open(spec.path(spec.fields.lock_file), O_RDONLY | O_CLOEXEC, 0)
        guard file >= 0 else { return false }
        defer { _ = close(file) }
        var pid: Int64 = 0
        var start: UInt64 = 0
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let count = read(file, buffer.baseAddress, buffer.count - 1)
            guard count > 0, let base = buffer.baseAddress else { return }
            base[count] = 0
            var rest: UnsafeMutablePointer<CChar>?
            pid = Int64(strtoll(base, &rest, 10))
            if let rest { start = UInt64(strtoull(rest, nil, 10)) }
        }
        guard pid > 0, pid <= Int64(Int32.max) else { return false }
        let holder = berth_pidfd_open(pid_t(pid), 0)
        guard holder >= 0 else { return false }
        var ended = pollfd(fd: holder, events: Int16(POLLIN), revents: 0)
        guard startTime(of: pid_t(pid)) == start, poll(&ended, 1, 0) == 0 else {
            _ = close(holder)
            return false
        }
        watch(holder)
        return true
    }

    private mutating func watch(_ process: CInt) {
        fd = process
        watchedSince = upTime()
    }

    private mutating func start() -> Bool {
        var arguments = clone_args()
        var process: CInt = -1
        arguments.flags = UInt64(CLONE_PIDFD)
        arguments.exit_signal = UInt64(SIGCHLD)
        let pid = withUnsafeMutablePointer(to: &process) { pointer in
            arguments.pidfd = UInt64(UInt(bitPattern: pointer))
            return berth_clone3(&arguments)
        }
        if pid == 0 { execute() }
        guard pid > 0 else { return false }
        watch(process)
        return true
    }

    private func execute() -> Never {
        _ = setsid()
        setOOMScore("0")
        unblockSignals()
        let command = spec.vector(spec.fields.revival_arguments)
        if let program = command[0] {
            _ = execve(program, command, spec.vector(spec.fields.revival_environment))
        }
        _exit(127)
    }
}
