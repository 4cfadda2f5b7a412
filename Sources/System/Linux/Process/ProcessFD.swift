import CLinux
import Glibc

/// How a child of ours ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(code: Int32)
    case signaled(number: Int32)

    /// The shell's view: 128 plus the signal's number.
    package var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }
}

/// A process, held by a pidfd: what is signalled and awaited is this process and never another
/// one that got its number.
package final class ProcessFD: Sendable {
    /// The process's number, for display and for `/proc`.
    package let pid: Int32
    private let fd: SharedFD

    /// Takes a pidfd that clone3(2) gave.
    package init(taking fd: consuming OwnedFD, pid: Int32) {
        self.fd = SharedFD(fd)
        self.pid = pid
    }

    /// Opens a process by number; ESRCH when there is none. A number read from a file may have
    /// been given to another process: use `ProcessIdentity` for those.
    package init(opening pid: Int32) throws(SyscallError) {
        let number = try syscall("pidfd_open", on: "\(pid)") { berth_pidfd_open(pid, 0) }
        fd = SharedFD(taking: number)
        self.pid = pid
    }

    /// False once the process has ended, also while nobody has reaped it.
    package var isAlive: Bool {
        var entry = fd.with { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&entry, 1, 0) == 0
    }

    /// Whether it has ended or begun to: its pid namespace takes nobody in any more, some time
    /// before its end can be awaited.
    package var isEnding: Bool {
        // The stat is that of this process only if the process is alive after it was read.
        guard let stat = try? ProcessStat(of: pid), isAlive else {
            // `try?`: one that is gone has ended.
            return true
        }
        return (try? stat.isExiting()) ?? false
    }

    /// Sends a signal; false when the process is gone.
    @discardableResult
    package func signal(_ number: CInt) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try fd.with { fd throws(SyscallError) in
                try syscall("pidfd_send_signal", on: "process \(pid)") {
                    berth_pidfd_send_signal(fd, number)
                }
            }
            return true
        } catch  where error.errno == ESRCH {
            return false
        }
    }

    /// Returns when the process has ended, whoever its parent is.
    package func waitForExit() async throws { try await Readiness.readable(fd) }

    /// Waits for the end on this thread, which may block; false when it has not come in time.
    package func waitForExit(atMost limit: Duration) -> Bool {
        var entry = fd.with { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let (seconds, attoseconds) = limit.components
        return poll(&entry, 1, CInt(seconds * 1000 + attoseconds / 1_000_000_000_000_000)) > 0
    }

    /// Waits for a child of ours and reaps it. Only once per child.
    package func exitStatus() async throws -> ExitStatus {
        while true {
            if let status = try reap() { return status }
            try await waitForExit()
        }
    }

    /// As `exitStatus`, for a thread that may block.
    package func waitForExitStatus() throws(SyscallError) -> ExitStatus {
        while true {
            if let status = try reap() { return status }
            var entry = fd.with { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = try syscall("poll", on: "process \(pid)") { poll(&entry, 1, -1) }
        }
    }

    /// Reaps a child of ours that has ended; nil while it runs.
    package func reap() throws(SyscallError) -> ExitStatus? {
        var info = siginfo_t()
        _ = try fd.with { fd throws(SyscallError) in
            try syscall("waitid", on: "process \(pid)") {
                berth_waitid_pidfd(fd, &info, WEXITED | WNOHANG)
            }
        }
        guard berth_siginfo_pid(&info) != 0 else { return nil }
        let value = berth_siginfo_status(&info)
        return berth_siginfo_code(&info) == CInt(CLD_EXITED)
            ? .exited(code: value) : .signaled(number: value)
    }

    /// Lends the pidfd, for setns(2).
    package func with<R: ~Copyable, E: Error>(_ body: (CInt) throws(E) -> R) throws(E) -> R {
        try fd.with(body)
    }
}
