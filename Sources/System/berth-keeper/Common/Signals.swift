import CLinux

/// Gives every signal its default action.
func resetSignals() {
    var action = sigaction()
    for number in 1...64 { _ = sigaction(CInt(number), &action, nil) }
}

/// Nothing arrives any more but SIGKILL and SIGSTOP. A write to a closed pipe gives EPIPE.
func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    _ = sigprocmask(SIG_SETMASK, &all, nil)
}

/// What a program expects to be born with.
func unblockSignals() {
    var none = sigset_t()
    sigemptyset(&none)
    _ = sigprocmask(SIG_SETMASK, &none, nil)
}
