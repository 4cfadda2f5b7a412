import CLinux
import Glibc

/// A shell's jobs. What the terminal is used for in the background stops the process until it is in
/// the foreground again, as every other program (credentials, termios(3)). The kernel does that only
/// to a thread that takes the two signals: in one that blocks them, as those of a thread pool do,
/// reading in the background fails, and setting the mode disturbs the shell.
package enum JobControl {
    /// Lets this thread take both signals from now on.
    package static func accept() { mask(SIG_UNBLOCK) }

    /// Returns when the process is in the foreground of a terminal. At once where it is no job of a
    /// shell, or ignores being told.
    package static func awaitForeground(of terminal: CInt) {
        let before = mask(SIG_UNBLOCK)
        defer { restore(before) }
        // Lets output go on that somebody has stopped with TCOOFF: otherwise nothing. What fails
        // here fails again where it matters.
        _ = tcflow(terminal, TCOON)
    }

    /// Whether a terminal is this process's to change. Async-signal-safe.
    package static func isForeground(of terminal: CInt) -> Bool {
        let group = tcgetpgrp(terminal)
        // Not the controlling terminal: there are no jobs.
        return group < 0 || group == getpgrp()
    }

    @discardableResult
    private static func mask(_ how: CInt) -> sigset_t {
        var signals = sigset_t()
        var before = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTTIN)
        sigaddset(&signals, SIGTTOU)
        pthread_sigmask(how, &signals, &before)
        return before
    }

    private static func restore(_ before: sigset_t) {
        var before = before
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
