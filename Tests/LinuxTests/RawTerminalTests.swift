import Glibc
import Linux
import SystemPackage
import Testing

@Suite("the raw mode of a terminal")
struct RawTerminalTests {
    @Test("keys are passed on as they are, whatever the mode was", arguments: [0, UInt32.max])
    func raw(flags: UInt32) {
        var mode = termios()
        (mode.c_iflag, mode.c_oflag, mode.c_lflag) = (flags, flags, flags)
        mode.c_cflag = flags
        let raw = RawTerminal.raw(mode)
        #expect(raw.c_iflag & UInt32(ICRNL | IXON | ISTRIP | INLCR | IGNCR | BRKINT) == 0)
        #expect(raw.c_oflag & UInt32(OPOST) == 0)
        #expect(raw.c_lflag & UInt32(ECHO | ICANON | ISIG | IEXTEN) == 0)
        #expect(raw.c_cflag & UInt32(CSIZE) == UInt32(CS8))
        #expect(raw.c_cflag & UInt32(PARENB) == 0)
        // What is not about keys stays.
        #expect(raw.c_iflag & UInt32(IXANY) == flags & UInt32(IXANY))
        #expect(raw.c_lflag & UInt32(TOSTOP) == flags & UInt32(TOSTOP))
        withUnsafeBytes(of: raw.c_cc) { keys in
            #expect(keys[Int(VMIN)] == 1 && keys[Int(VTIME)] == 0)
        }
    }

    @Test("what is no terminal has no mode")
    func noTerminal() throws {
        let null = SharedFD(try openFile("/dev/null", O_RDWR))
        let error = #expect(throws: SyscallError.self) {
            try null.with { (fd) throws(SyscallError) in try RawTerminal.enter(fd) }
        }
        #expect(error?.errno == ENOTTY)
    }
}
