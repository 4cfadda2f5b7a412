import Glibc

/// What happens when berth itself crashes.
enum CrashHandlers {
    /// Takes away what the Swift runtime does then. It would run a program `swift-backtrace`, which it
    /// looks for beside what `dladdr` calls our program: where that was found in PATH this is the
    /// current folder, which may be a stranger's. Who sets SWIFT_BACKTRACE gets what they set.
    static func remove() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
            signal(number, SIG_DFL)
        }
    }
}
