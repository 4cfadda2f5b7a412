import CLinux
import Glibc

/// Moves bytes from one descriptor to another on a thread of its own: within the kernel where it can
/// (splice(2)), else through a buffer. Neither descriptor need be a pipe, blocking or not.
///
/// The bytes keep their order, and none is read that is not written, unless writing fails.
package final class StreamPump: Sendable {
    private let source: SharedFD
    private let target: SharedFD
    /// Readable when `source` is not awaited any more.
    private let stop: SharedFD
    private let drains: Bool
    private static let atOnce = 1 << 20

    private init(from source: SharedFD, to target: SharedFD, stop: SharedFD, drains: Bool) {
        self.source = source
        self.target = target
        self.stop = stop
        self.drains = drains
    }

    /// Moves everything until `source` ends, or until `stop` becomes readable (its other end is
    /// closed): then, with `draining`, what is in `source` at that moment is moved still.
    ///
    /// `finished` is called once, on the pump's thread, when it has let both descriptors go.
    package static func start(
        from source: SharedFD,
        to target: SharedFD,
        until stop: SharedFD,
        draining: Bool,
        finished: @escaping @Sendable (SyscallError?) -> Void
    ) throws(SyscallError) {
        let box = PumpBox(
            StreamPump(from: source, to: target, stop: stop, drains: draining)
        )
        try startThread {
            // A reader that is gone is this pump's error, and not the end of the process.
            blockBrokenPipeSignal()
            JobControl.accept()
            finished(box.run())
        }
    }

    fileprivate func run() throws(SyscallError) {
        var canSplice = true
        /// What may still be moved; nil while there is no end to it.
        var rest: Int?
        while true {
            if try waitForSource(), rest == nil { rest = drains ? bytesInSource() : 0 }
            if rest == 0 { return }
            let most = min(Self.atOnce, rest ?? .max)
            do throws(SyscallError) {
                let count = canSplice ? try splice(most) : try copy(most)
                if count == 0 { return }
                rest = rest.map { $0 - count }
            } catch  where error.errno == EINVAL && canSplice {
                // Terminals, and files that are only appended to, cannot be spliced.
                canSplice = false
            } catch  where error.errno == EAGAIN {
                // It was the target that would have blocked; or another took what was there.
                try waitForTarget()
            }
        }
    }

    /// Returns when there is something in `source`, or an end of it or of the wait: true then.
    private func waitForSource() throws(SyscallError) -> Bool {
        try source.with { source throws(SyscallError) in
            try stop.with { stop throws(SyscallError) in
                var entries = [
                    pollfd(fd: source, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
                ]
                _ = try syscall("poll") { poll(&entries, 2, -1) }
                return entries[1].revents != 0
            }
        }
    }

    private func bytesInSource() -> Int {
        var count: CInt = 0
        let known = source.with { berth_ioctl_pointer($0, UInt(FIONREAD), &count) == 0 }
        return known ? Int(count) : 0
    }

    private func waitForTarget() throws(SyscallError) {
        try target.with { target throws(SyscallError) in
            var entry = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
            _ = try syscall("poll") { poll(&entry, 1, -1) }
        }
    }

    private func splice(_ most: Int) throws(SyscallError) -> Int {
        try source.with { source throws(SyscallError) in
            try target.with { target throws(SyscallError) in
                try syscall("splice") { berth_splice(source, target, most) }
            }
        }
    }

    private func copy(_ most: Int) throws(SyscallError) -> Int {
        let bytes = try source.with { source throws(SyscallError) in
            try readBytes(source, upTo: min(most, 64 << 10))
        }
        var written = 0
        while written < bytes.count {
            do throws(SyscallError) {
                written += try target.with { target throws(SyscallError) in
                    try writeSome(target, bytes[written...])
                }
            } catch  where error.errno == EAGAIN {
                try waitForTarget()
            }
        }
        return bytes.count
    }
}

/// Lets the pump, and with it its descriptors, go before the end is reported.
private final class PumpBox: @unchecked Sendable {
    /// Used by the pump's thread alone, once.
    private var pump: StreamPump?

    init(_ pump: consuming StreamPump) { self.pump = pump }

    func run() -> SyscallError? {
        guard let pump = pump.take() else { return nil }
        do throws(SyscallError) {
            try pump.run()
            return nil
        } catch {
            return error
        }
    }
}

private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
