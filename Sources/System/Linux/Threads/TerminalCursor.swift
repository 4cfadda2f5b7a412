import CLinux
import Glibc
import Synchronization

/// The cursor of the terminal that progress is drawn on, hidden while something is drawn in place. It comes back
/// however the process ends, short of SIGKILL.
package enum TerminalCursor {
    /// Hides the cursor until `show`, the end of the process, or a signal that ends it. Handlers
    /// that somebody has set are left alone: they end the process in their own way. A process that
    /// is stopped (Ctrl-Z) shows it until it goes on. `descriptor` stays open until `show`.
    package static func hide(on descriptor: CInt = STDERR_FILENO) {
        terminal.store(descriptor, ordering: .relaxed)
        let isFirst = !prepared.exchange(true, ordering: .relaxed)
        if isFirst { atexit(restoreAtExit) }
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            var present = sigaction()
            guard sigaction(number, nil, &present) == 0,
                present.__sigaction_handler.sa_handler == nil
            else { continue }
            signal(number, restoreAtSignal)
        }
        if isFirst {
            signal(SIGTSTP, restoreAtStop)
            signal(SIGCONT, hideAtContinue)
        }
        hidden.store(true, ordering: .relaxed)
        put(hiding)
    }

    /// Shows it again, if it was hidden.
    package static func show() {
        guard hidden.exchange(false, ordering: .relaxed) else { return }
        put(showing)
    }

    /// Hides it once more, after a stop in which it was shown; does nothing unless it is hidden.
    package static func hideAgain() {
        if hidden.load(ordering: .relaxed) { put(hiding) }
    }

    /// Whether the process was stopped and went on since this was asked last: what it had drawn is
    /// then somewhere above what the shell wrote meanwhile.
    package static func wasStopped() -> Bool {
        stopped.exchange(false, ordering: .relaxed)
    }

    fileprivate static let hiding: StaticString = "\u{1B}[?25l"
    fileprivate static let showing: StaticString = "\u{1B}[?25h"
    private static let prepared = Atomic(false)
    fileprivate static let hidden = Atomic(false)
    fileprivate static let stopping = Atomic(false)
    fileprivate static let stopped = Atomic(false)
    private static let terminal = Atomic<CInt>(STDERR_FILENO)

    /// Async-signal-safe.
    fileprivate static func put(_ text: StaticString) {
        _ = write(terminal.load(ordering: .relaxed), text.utf8Start, text.utf8CodeUnitCount)
    }
}

private func restoreAtExit() { TerminalCursor.show() }

private func restoreAtSignal(_ number: CInt) {
    TerminalCursor.show()
    signal(number, SIG_DFL)
    raise(number)
}

/// Async-signal-safe, as is the next one. The signal that is raised arrives when this returns.
private func restoreAtStop(_ number: CInt) {
    let saved = errno
    if TerminalCursor.hidden.load(ordering: .relaxed) { TerminalCursor.put(TerminalCursor.showing) }
    TerminalCursor.stopping.store(true, ordering: .relaxed)
    signal(SIGTSTP, SIG_DFL)
    raise(SIGTSTP)
    errno = saved
}

private func hideAtContinue(_ number: CInt) {
    let saved = errno
    signal(SIGTSTP, restoreAtStop)
    // Somebody may tell a process to go on that was never stopped.
    if TerminalCursor.stopping.exchange(false, ordering: .relaxed) {
        TerminalCursor.stopped.store(true, ordering: .relaxed)
    }
    errno = saved
}
