import CLinux
package import Glibc
import Synchronization

/// The mode in which a terminal passes on every key and draws what it is sent: that of somebody who
/// sits before a terminal of a container. The mode before comes back however the process ends,
/// short of SIGKILL, and while it is stopped.
package enum RawTerminal {
    /// The raw form of a terminal's mode, as docker's.
    package static func raw(_ mode: termios) -> termios {
        var mode = mode
        mode.c_iflag &= ~tcflag_t(
            IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON
        )
        mode.c_oflag &= ~tcflag_t(OPOST)
        mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
        mode.c_cflag &= ~tcflag_t(CSIZE | PARENB)
        mode.c_cflag |= tcflag_t(CS8)
        withUnsafeMutableBytes(of: &mode.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        return mode
    }

    /// Makes a terminal raw until `leave`. One at a time. `descriptor` stays open until then. A job
    /// in the background is stopped first, until it is in the foreground: the terminal's mode is
    /// the shell's meanwhile.
    /// Handlers that somebody has set are left alone: they end the process in their own way.
    package static func enter(_ descriptor: CInt) throws(SyscallError) {
        JobControl.awaitForeground(of: descriptor)
        var mode = termios()
        _ = try syscall("tcgetattr", on: "the terminal") { tcgetattr(descriptor, &mode) }
        terminal = descriptor
        before = mode
        during = raw(mode)
        if !prepared.exchange(true, ordering: .relaxed) { atexit(restoreAtExit) }
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            var present = sigaction()
            guard sigaction(number, nil, &present) == 0,
                present.__sigaction_handler.sa_handler == nil
            else { continue }
            signal(number, restoreAtSignal)
        }
        signal(SIGTSTP, restoreAtStop)
        signal(SIGCONT, rawAtContinue)
        isRaw.store(true, ordering: .sequentiallyConsistent)
        _ = try syscall("tcsetattr", on: "the terminal") { tcsetattr(descriptor, TCSANOW, &during) }
    }

    /// Gives the terminal the mode that it had.
    package static func leave() { restoreRawTerminal() }

    fileprivate static let isRaw = Atomic(false)
    private static let prepared = Atomic(false)
}

/// `nonisolated(unsafe)`: set before `isRaw` says that they may be read.
nonisolated(unsafe) private var terminal: CInt = -1
nonisolated(unsafe) private var before = termios()
nonisolated(unsafe) private var during = termios()

/// Async-signal-safe, as are the next ones: tcsetattr(3) is one call of the kernel. In the background
/// the terminal is the shell's, and got its mode back when we were stopped.
private func restoreRawTerminal() {
    guard RawTerminal.isRaw.exchange(false, ordering: .sequentiallyConsistent),
        JobControl.isForeground(of: terminal)
    else { return }
    _ = tcsetattr(terminal, TCSANOW, &before)
}

private func restoreAtExit() { restoreRawTerminal() }

private func restoreAtSignal(_ number: CInt) {
    restoreRawTerminal()
    signal(number, SIG_DFL)
    raise(number)
}

/// The signal that is raised arrives when this returns.
private func restoreAtStop(_ number: CInt) {
    let saved = errno
    if RawTerminal.isRaw.load(ordering: .sequentiallyConsistent),
        JobControl.isForeground(of: terminal)
    {
        _ = tcsetattr(terminal, TCSANOW, &before)
    }
    signal(SIGTSTP, SIG_DFL)
    raise(SIGTSTP)
    errno = saved
}

private func rawAtContinue(_ number: CInt) {
    let saved = errno
    signal(SIGTSTP, restoreAtStop)
    if RawTerminal.isRaw.load(ordering: .sequentiallyConsistent),
        JobControl.isForeground(of: terminal)
    {
        _ = tcsetattr(terminal, TCSANOW, &during)
    }
    errno = saved
}
