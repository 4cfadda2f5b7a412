import Glibc
import Linux
import TestTerminal
import Testing

/// A program that runs on a terminal of its own, with what a person would see there. Used by one
/// task; the screen changes while it waits.
final class TerminalProgram {
    private(set) var terminal: EmulatedTerminal
    private let process: ProcessFD
    /// The side of the terminal where a person sits; does not block. nil once the window is closed.
    private var person: SharedFD?

    /// Starts `command` inside the machine, in a session whose controlling terminal is the new one.
    init(
        _ command: [String],
        on machine: TestMachine,
        in directory: String? = nil,
        columns: Int,
        rows: Int,
        environment: [String: String] = [:]
    ) throws {
        terminal = EmulatedTerminal(columns: columns, rows: rows)
        let number = try Self.call("open") {
            open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        }
        let person = SharedFD(OwnedFD(taking: number))
        self.person = person
        var lock: CInt = 0
        _ = try Self.call("TIOCSPTLCK") { ioctl(number, Self.lockRequest, &lock) }
        var place: CInt = 0
        _ = try Self.call("TIOCGPTN") { ioctl(number, Self.numberRequest, &place) }
        let path = "/dev/pts/\(place)"
        let slave = try Self.call("open") { open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) }
        let program = SharedFD(OwnedFD(taking: slave))
        try Self.setSize(person, columns, rows)
        let given = ["TERM": "xterm-256color", "NO_COLOR": ""].merging(environment) { $1 }
        var request = machine.request(
            ["/usr/bin/setsid", "--ctty"] + command,
            in: directory,
            environment: given
        )
        for number: CInt in 0...2 { request.descriptors[number] = program }
        process = try spawn(request)
    }

    /// Gives the window another size, as a person does with the mouse.
    func resize(columns: Int, rows: Int) throws {
        try drain()
        terminal.resize(columns: columns, rows: rows)
        if let person { try Self.setSize(person, columns, rows) }
    }

    /// What a person types; `\u{3}` is Ctrl-C.
    func type(_ text: String) async throws { try await person?.write(Array(text.utf8)) }

    /// Closes the window.
    func hangUp() { person = nil }

    /// Goes on until a person sees something; a failure shows what there is instead.
    func until(
        _ what: String,
        within limit: Duration = .seconds(30),
        _ condition: (EmulatedTerminal) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while !condition(terminal) {
            let isThere = try await more(until: deadline)
            guard isThere, ContinuousClock.now < deadline else {
                if condition(terminal) { return }
                Issue.record("not within \(limit): \(what)\n\(text)")
                return
            }
        }
    }

    /// Waits for the program's end and gives its status. Once.
    func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while try await more(until: deadline), ContinuousClock.now < deadline {}
        if ContinuousClock.now >= deadline {
            Issue.record("did not end within \(limit):\n\(text)")
            _ = try process.signal(SIGKILL)
        }
        switch try await process.exitStatus() {
        case .exited(let code): return code
        case .signaled(let number): return 128 + number
        }
    }

    /// Everything that was ever on the screen, for a failure's words.
    var text: String { terminal.lines.joined(separator: "\n") }

    /// Waits for output, and takes it; false when the last program has left the terminal.
    private func more(until deadline: ContinuousClock.Instant) async throws -> Bool {
        guard let person else { return false }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Readiness.readable(person) }
            group.addTask { try await Task.sleep(until: deadline) }
            try await group.next()
            group.cancelAll()
        }
        return try drain()
    }

    /// Takes the output that is there.
    @discardableResult
    private func drain() throws -> Bool {
        while let person {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let (count, reason) = person.with { number in
                let count = read(number, &buffer, buffer.count)
                return (count, count < 0 ? errno : 0)
            }
            guard count > 0 else {
                // EIO: nobody has it open any more.
                return reason == EAGAIN || reason == EINTR
            }
            terminal.feed(buffer.prefix(count))
        }
        return false
    }

    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), macros that Swift cannot read.
    private static let lockRequest: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    private static func setSize(_ fd: SharedFD, _ columns: Int, _ rows: Int) throws {
        var size = winsize()
        size.ws_col = UInt16(columns)
        size.ws_row = UInt16(rows)
        _ = try call("TIOCSWINSZ") { fd.with { ioctl($0, UInt(TIOCSWINSZ), &size) } }
    }

    private static func call(_ name: String, _ body: () -> CInt) throws -> CInt {
        let result = body()
        let reason = errno
        guard result >= 0 else { throw SyscallError(call: name, subject: "pty", errno: reason) }
        return result
    }
}
