import CLinux
import Glibc
import Synchronization

/// The two streams that a command writes to. Results go to stdout, progress and messages to stderr.
enum Terminal {
    /// Whether stdout, or stderr, is a terminal that a person looks at.
    static func isInteractive(_ stream: Stream) -> Bool { isatty(stream.number) == 1 }

    enum Stream {
        case out, error

        var number: CInt { self == .out ? STDOUT_FILENO : STDERR_FILENO }
    }

    /// Colours are asked for by a terminal and refused by NO_COLOR or `--ansi never`.
    static func usesColour(_ stream: Stream, ansi: String) -> Bool {
        switch ansi {
        case "always": true
        case "never": false
        default: getenv("NO_COLOR") == nil && isInteractive(stream)
        }
    }

    /// Columns and lines of the terminal behind `stream`; nil when it is none.
    static func size(_ stream: Stream) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(stream.number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return (Int(size.ws_col), size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Writes all of `bytes`. A reader that went away ends the program quietly, as `cat` does; results
    /// that cannot be written, on a full disk for example, end it with an error.
    static func write(_ bytes: [UInt8], to stream: Stream = .out) {
        bytes.withUnsafeBytes { write($0, to: stream) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to stream: Stream) {
        lock.withLock { _ in
            var rest = bytes
            while !rest.isEmpty {
                let written = Glibc.write(stream.number, rest.baseAddress, rest.count)
                if written > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                } else if !canGoOn(stream) {
                    return
                }
            }
        }
    }

    /// After a write that failed: whether it is worth another try.
    private static func canGoOn(_ stream: Stream) -> Bool {
        let reason = errno
        switch reason {
        case EINTR: return true
        case EAGAIN:
            var wait = pollfd(fd: stream.number, events: Int16(POLLOUT), revents: 0)
            return poll(&wait, 1, -1) > 0 || errno == EINTR
        case EPIPE: exit(141)
        default:
            // Who cannot be told of errors is not told of this one.
            guard stream == .out else { return false }
            let why = String(cString: strerror(reason))
            let message = Array("cannot write the output: \(why)\n".utf8)
            _ = Glibc.write(STDERR_FILENO, message, message.count)
            exit(1)
        }
    }

    /// Writes all of `text`, in the same way.
    static func write(_ text: String, to stream: Stream = .out) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: stream) }
    }

    static func line(_ text: String, to stream: Stream = .out) {
        write(Array((text + "\n").utf8), to: stream)
    }

    /// One writer at a time, so that lines of different tasks do not mix.
    private static let lock = Mutex<Void>(())
}
