import TestTerminal
import Testing

/// What the terminal of the tests does, so that what they see on it can be believed.
@Suite("the terminal of the tests")
struct EmulatedTerminalTests {
    @Test(
        "shows what was written",
        arguments: [
            ("one\ntwo\n", ["one", "two"]),
            ("abc\rX", ["Xbc"]),
            ("a\tb", ["a       b"]),
            ("ab\u{8}c", ["ac"]),
            // Movements and what they leave.
            ("one\ntwo\n\u{1B}[2AONE\n", ["ONE", "two"]),
            ("one\ntwo\n\u{1B}[2A\u{1B}[J", []),
            ("one\ntwo\n\u{1B}[1A\u{1B}[J", ["one"]),
            ("abcdef\r\u{1B}[3C\u{1B}[K", ["abc"]),
            ("abcdef\u{1B}[2G\u{1B}[K", ["a"]),
            ("a\u{1B}[31mb\u{1B}[0mc", ["abc"]),
            ("日本\n", ["日本"]), ("e\u{301}\n", ["e\u{301}"]),
        ]
    )
    func shows(input: String, lines: [String]) {
        var terminal = EmulatedTerminal(columns: 20, rows: 4)
        terminal.feed(input)
        #expect(terminal.lines == lines)
        #expect(terminal.unknown.isEmpty)
    }

    @Test("a long line takes several rows and stays one line")
    func wraps() {
        var terminal = EmulatedTerminal(columns: 5, rows: 4)
        terminal.feed("abcdefgh\nxyz")
        #expect(terminal.screen == ["abcde", "fgh", "xyz"])
        #expect(terminal.lines == ["abcdefgh", "xyz"])
        // A line as wide as the terminal leaves no empty row behind.
        terminal.feed("12\nend")
        #expect(terminal.lines == ["abcdefgh", "xyz12", "end"])
        #expect([terminal.cursor.row, terminal.cursor.column] == [3, 3])
    }

    @Test("a wide character that has no room begins a row")
    func wide() {
        var terminal = EmulatedTerminal(columns: 5, rows: 4)
        terminal.feed("日本語x")
        #expect(terminal.screen == ["日本", "語x"])
    }

    @Test("what scrolls away is kept, and is out of the cursor's reach")
    func scrolls() {
        var terminal = EmulatedTerminal(columns: 10, rows: 2)
        terminal.feed("1\n2\n3\n")
        #expect(terminal.screen == ["3", ""])
        terminal.feed("\u{1B}[9AX\n")
        #expect(terminal.lines == ["1", "2", "X"])
    }

    @Test("a narrower window breaks lines again, and a wider one joins them")
    func reflows() {
        var terminal = EmulatedTerminal(columns: 10, rows: 4)
        terminal.feed("abcdefgh\nxyz\n")
        terminal.resize(columns: 4, rows: 4)
        #expect(terminal.screen == ["abcd", "efgh", "xyz", ""])
        #expect([terminal.cursor.row, terminal.cursor.column] == [3, 0])
        terminal.feed("\u{1B}[3A\u{1B}[Jnew\n")
        #expect(terminal.lines == ["new"])
        terminal.feed("12345\n")
        terminal.resize(columns: 10, rows: 4)
        #expect(terminal.screen == ["new", "12345", ""])
    }

    @Test("a lower window moves rows out at the top")
    func lower() {
        var terminal = EmulatedTerminal(columns: 10, rows: 4)
        terminal.feed("1\n2\n3\n")
        terminal.resize(columns: 10, rows: 2)
        #expect(terminal.screen == ["3", ""])
        #expect(terminal.lines == ["1", "2", "3"])
    }

    @Test("a window that leaves lines as they are")
    func rigid() {
        var terminal = EmulatedTerminal(columns: 10, rows: 4)
        terminal.reflows = false
        terminal.feed("abcdefgh\n")
        terminal.resize(columns: 4, rows: 4)
        #expect(terminal.screen.count == 2)
        #expect([terminal.cursor.row, terminal.cursor.column] == [1, 0])
    }

    @Test("characters and sequences may be cut anywhere; the unknown is kept")
    func pieces() {
        var terminal = EmulatedTerminal(columns: 20, rows: 4)
        for byte in Array("✔ ok\u{1B}[?25l\u{1B}[1;2H".utf8) { terminal.feed([byte]) }
        #expect(terminal.lines == ["✔ ok"])
        #expect(!terminal.isCursorVisible)
        #expect(terminal.unknown == ["CSI [1, 2] H"])
    }
}
