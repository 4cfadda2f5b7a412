import CLinux
import Glibc
import Synchronization

/// The cursor of the terminal behind stderr, hidden while something is drawn in place. It comes back
/// however the process ends, short of SIGKILL.
package enum TerminalCursor {
    /// Hides the cursor until `show`, the end of the process, or a signal that ends it. Handlers
    /// that somebody has set are left alone: they end the process in their own way.
    package static func hide() {
        let isFirst = !prepared.exchange(true, ordering: .relaxed)
        if isFirst { atexit(restoreAtExit) }
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            var present = sigaction()
            guard sigaction(number, nil, &present) == 0,
                present.__sigaction_handler.sa_handler == nil
            else { continue }
            signal(number, restoreAtSignal)
        }
        hidden.store(true, ordering: .relaxed)
        put(hiding)
    }

    /// Shows it again, if it was hidden.
    package static func show() {
        guard hidden.exchange(false, ordering: .relaxed) else { return }
        put(showing)
    }

    private static let hiding: StaticString = "\u{1B}[?25l"
    fileprivate static let showing: StaticString = "\u{1B}[?25h"
    private static let prepared = Atomic(false)
    fileprivate static let hidden = Atomic(false)

    /// Async-signal-safe.
    fileprivate static func put(_ text: StaticString) {
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}

private func restoreAtExit() { TerminalCursor.show() }

private func restoreAtSignal(_ number: CInt) {
    TerminalCursor.show()
    signal(number, SIG_DFL)
    raise(number)
}
