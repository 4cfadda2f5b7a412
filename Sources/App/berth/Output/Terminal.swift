import CLinux
import Glibc
import Linux
import Synchronization

/// The two streams that a command writes to. Results go to stdout, progress and messages to stderr.
///
/// Everything is written here, so that what is drawn in place on a terminal (`show`) stays below
/// what else is written to that terminal, through whichever of the two streams.
enum Terminal {
    enum Stream {
        case out, error

        var number: CInt { self == .out ? STDOUT_FILENO : STDERR_FILENO }
    }

    /// Whether the stream is a terminal that a person looks at.
    static func isInteractive(_ stream: Stream) -> Bool { isatty(stream.number) == 1 }

    /// Whether the terminal understands colours and movements: TERM says which it is.
    static var isDumb: Bool {
        guard let name = getenv("TERM") else { return true }
        return ["", "dumb"].contains(String(cString: name))
    }

    /// Whether pictures can be drawn in place.
    static func canDraw(_ stream: Stream) -> Bool { isInteractive(stream) && !isDumb }

    /// Whether what is written there has colours when nobody said anything but NO_COLOR.
    static func usesColour(_ stream: Stream) -> Bool {
        let refusal = getenv("NO_COLOR")
        return canDraw(stream) && (refusal == nil || refusal?.pointee == 0)
    }

    /// Columns and lines of the terminal behind `stream`; nil when it is none, or does not know.
    static func size(_ stream: Stream) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(stream.number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return (Int(size.ws_col), size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Whether this process may draw: one that a shell put into the background leaves the terminal
    /// to what is in front.
    static func isInFront(_ stream: Stream) -> Bool {
        let group = tcgetpgrp(stream.number)
        return group < 0 || group == getpgrp()
    }

    // MARK: Writing

    /// Writes all of `bytes`. A reader that went away ends the program quietly, as `cat` does; results
    /// that cannot be written, on a full disk for example, end it with an error.
    static func write(_ bytes: [UInt8], to stream: Stream = .out) {
        bytes.withUnsafeBytes { write($0, to: stream) }
    }

    /// Writes all of `text`, in the same way.
    static func write(_ text: String, to stream: Stream = .out) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: stream) }
    }

    /// Writes lines of ours. What is in them may come from images, programs and files: a person sees
    /// no more of it than text and colours, and a program gets it as it is.
    static func line(_ text: String, to stream: Stream = .out) {
        write(Array((shown(text, on: stream) + "\n").utf8), to: stream)
    }

    private static func shown(_ text: String, on stream: Stream) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A }
        return isPlain || !isInteractive(stream) ? text : TerminalEscaping.lines(text)
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to stream: Stream) {
        screens.withLock { screens in
            leaveWhatStopped(&screens)
            let place = place(of: stream)
            guard screens[place].hasBlock else {
                screens[place].notePrinted(bytes)
                return put(bytes, stream)
            }
            put(screens[place].printing(bytes, on: screenSize(stream)), stream)
        }
    }

    // MARK: Drawing

    /// Draws lines in place, below everything that was and will be written to that terminal.
    static func show(_ lines: [String], on stream: Stream) {
        screens.withLock { screens in
            leaveWhatStopped(&screens)
            let place = place(of: stream)
            put(screens[place].showing(lines, on: screenSize(stream)), stream)
        }
    }

    /// Leaves what is drawn where it is; what is written next comes below.
    static func keep(on stream: Stream) {
        screens.withLock { $0[place(of: stream)].keep() }
    }

    /// Takes the `^C` away that terminals echo, wherever a person sees one of the streams.
    static func clearEcho() {
        screens.withLock { screens in
            leaveWhatStopped(&screens)
            for stream in areOne ? [.error] : [Stream.out, .error] where canDraw(stream) {
                put(screens[place(of: stream)].clearingEcho(), stream)
            }
        }
    }

    /// What was drawn before the process was stopped (Ctrl-Z) stands above what the shell wrote
    /// meanwhile: it stays there, and what is drawn next comes below.
    private static func leaveWhatStopped(_ screens: inout [Screen]) {
        guard TerminalCursor.wasStopped() else { return }
        for place in screens.indices { screens[place].keep() }
        TerminalCursor.hideAgain()
    }

    private static func screenSize(_ stream: Stream) -> Screen.Size {
        size(stream).map { Screen.Size(columns: $0.columns, rows: $0.rows) } ?? Screen.Size()
    }

    private static func place(of stream: Stream) -> Int { stream == .out || areOne ? 0 : 1 }

    /// One writer at a time, so that lines of different tasks do not mix. The second is that of
    /// stderr when it goes elsewhere than stdout.
    private static let screens = Mutex([Screen(reflows: reflows), Screen(reflows: reflows)])

    /// Whether both streams lead to the same terminal, or the same file.
    private static let areOne = Descriptors.leadToSame(STDOUT_FILENO, STDERR_FILENO)

    /// xterm, the kernel's console and GNU screen leave lines as they are when they become
    /// narrower; tmux breaks them again, whatever it runs in.
    private static var reflows: Bool {
        guard getenv("TMUX") == nil else { return true }
        let name = getenv("TERM").map { String(cString: $0) } ?? ""
        return name != "linux" && getenv("XTERM_VERSION") == nil && getenv("STY") == nil
    }

    // MARK: System calls

    private static func put(_ bytes: [UInt8], _ stream: Stream) {
        bytes.withUnsafeBytes { put($0, stream) }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, _ stream: Stream) {
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
}
