import Glibc
import Linux

/// Questions to whoever sits at the terminal.
enum Prompt {
    /// Everything on stdin, without a line end at its end; what scripts pipe in.
    static func everything() async throws -> String {
        let bytes = try await onOwnThread { () throws(SyscallError) -> [UInt8] in
            var bytes: [UInt8] = []
            while let byte = try nextByte() {
                bytes.append(byte)
                guard bytes.count <= 1 << 20 else {
                    throw SyscallError(call: "read", subject: "stdin", errno: EFBIG)
                }
            }
            return bytes
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if text.last == "\n" || text.last == "\r\n" || text.last == "\r" { text.removeLast() }
        return text
    }

    /// One line, shown while it is typed.
    static func line(_ question: String) async throws -> String {
        Terminal.write(Array(question.utf8))
        return try await onOwnThread { () throws(SyscallError) -> String in
            var bytes: [UInt8] = []
            while let byte = try nextByte(), byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return trimmed(bytes)
        }
    }

    /// One line that is not shown. The keyboard's signals are off meanwhile: Ctrl-C ends the
    /// program here, with the terminal as it was.
    static func secret(_ question: String) async throws -> String {
        let typed = try await onOwnThread { () throws(SyscallError) -> [UInt8]? in
            var before = termios()
            _ = try syscall("tcgetattr", on: "stdin") { tcgetattr(STDIN_FILENO, &before) }
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
            _ = try syscall("tcsetattr", on: "stdin") {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
            }
            defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
            // Only now: what is typed before the terminal is silent would be seen, and lost.
            Terminal.write(Array(question.utf8))
            return try typedBytes()
        }
        Terminal.line("")
        guard let typed else { throw Failure(silent: 130) }
        return trimmed(typed)
    }

    /// What is typed up to the end of the line; nil after Ctrl-C.
    private static func typedBytes() throws(SyscallError) -> [UInt8]? {
        var bytes: [UInt8] = []
        while let byte = try nextByte() {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return bytes
            case 0x03: return nil  // Ctrl-C
            case 0x04 where bytes.isEmpty: return bytes  // Ctrl-D
            case 0x15: bytes = []  // Ctrl-U
            case 0x08, 0x7f:
                // A character of UTF-8 goes as a whole.
                while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func nextByte() throws(SyscallError) -> UInt8? {
        var byte: UInt8 = 0
        let count = try syscall("read", on: "stdin") { read(STDIN_FILENO, &byte, 1) }
        return count == 0 ? nil : byte
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        var text = Substring(decoding: bytes, as: UTF8.self)
        while text.last == "\r" || text.last == " " { text.removeLast() }
        return String(text)
    }
}
