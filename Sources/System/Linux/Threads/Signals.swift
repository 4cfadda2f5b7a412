import CLinux
import Glibc

/// Signals to this process as a stream of values.
package enum Signals {
    /// The given signals in the order they arrive, until the stream's consumer ends; then they
    /// have their default action again. One stream at a time may exist in a process.
    ///
    /// The handler only writes a byte into a pipe, which works whichever thread is interrupted.
    package static func stream(_ numbers: [CInt]) throws(SyscallError) -> AsyncStream<CInt> {
        var pipe = try Pipe.make(flags: O_CLOEXEC | O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        // Kept open for ever: a handler may be in the middle of its write.
        signalPipe = pipe.takeWriter().release()
        for number in numbers {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = forwardSignal
            action.sa_flags = SA_RESTART
            _ = try syscall("sigaction") { sigaction(number, &action, nil) }
        }
        let (stream, continuation) = AsyncStream.makeStream(of: CInt.self)
        // Cancelled by the stream's end, just below.
        let forwarding = Task {
            while let bytes = try? await reader.read(upTo: 64), !bytes.isEmpty {
                // `try?`: the only failure is the cancellation that ends the loop anyway.
                for byte in bytes { continuation.yield(CInt(byte)) }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in
            for number in numbers { signal(number, SIG_DFL) }
            forwarding.cancel()
        }
        return stream
    }
}

extension Signals {
    /// Whether this process was started with the signal ignored, as by nohup(1).
    package static func isIgnored(_ number: CInt) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Where the handler writes.
///
/// `nonisolated(unsafe)`: set before the handler that reads it is installed; a word.
nonisolated(unsafe) private var signalPipe: CInt = -1

private func forwardSignal(_ number: CInt) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe, &byte, 1)
    errno = saved
}
