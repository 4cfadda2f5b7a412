import TestTerminal
import Testing

@testable import berth

/// A block that is drawn in place while other things are printed, on the terminal of the tests.
@Suite("what is drawn below what is printed")
struct ScreenTests {
    /// A screen with its terminal.
    private struct Stage {
        var screen: Screen
        var terminal: EmulatedTerminal

        init(columns: Int, rows: Int = 12, reflows: Bool = true) {
            screen = Screen(reflows: reflows)
            terminal = EmulatedTerminal(columns: columns, rows: rows)
            terminal.reflows = reflows
        }

        private var size: Screen.Size {
            Screen.Size(columns: terminal.columns, rows: terminal.rows)
        }

        mutating func print(_ text: String) {
            let bytes = Array(text.utf8)
            bytes.withUnsafeBytes { terminal.feed(screen.printing($0, on: size)) }
        }

        mutating func show(_ lines: String...) { terminal.feed(screen.showing(lines, on: size)) }

        /// What the terminal's driver echoes: `^C`.
        mutating func echo(_ text: String) { terminal.feed(text) }

        mutating func clearEcho() { terminal.feed(screen.clearingEcho()) }

        /// A block of three lines as wide as a block may be.
        mutating func showWide(_ mark: String) {
            let width = terminal.columns - 1
            let line = String(repeating: mark, count: width)
            terminal.feed(screen.showing([line, line, line], on: size))
        }
    }

    @Test("lines stay above the block, each once", arguments: [40, 80, 200])
    func order(columns: Int) {
        var stage = Stage(columns: columns)
        stage.print("first\n")
        for round in 0..<20 {
            stage.show("[+] \(round)", " a \(round)")
            stage.print("line \(round)\n")
            if round.isMultiple(of: 5) { stage.show("[+] \(round)", " a \(round)", " b", " c") }
        }
        stage.show("done")
        stage.screen.keep()
        stage.print("after\n")
        let expected = ["first"] + (0..<20).map { "line \($0)" } + ["done", "after"]
        #expect(stage.terminal.lines == expected)
        #expect(stage.terminal.unknown.isEmpty)
    }

    @Test("long and wide lines are printed whole above the block", arguments: [1, 2, 7, 40, 80])
    func longLines(columns: Int) {
        let lines = [
            String(repeating: "x", count: 200), String(repeating: "é", count: columns), "日本語のログ行",
            "🎉 done", "", "end",
        ].filter { columns > 1 || $0.allSatisfy(\.isASCII) }
        var stage = Stage(columns: columns, rows: 8)
        for line in lines {
            if columns > 1 { stage.show(String(repeating: "-", count: columns - 1)) }
            stage.print(line + "\n")
        }
        stage.show()
        #expect(stage.terminal.lines == lines)
    }

    @Test("what does not end its line is ended before the block")
    func midLine() {
        var stage = Stage(columns: 40)
        stage.print("loading")
        stage.show("[+] 1")
        stage.print("half")
        stage.print(" more\n")
        #expect(stage.terminal.lines == ["loading", "half", " more", "[+] 1"])
    }

    @Test(
        "a resize in the middle leaves no stale block and loses no line",
        arguments: [(80, 40), (80, 21), (40, 200), (200, 40), (80, 79)]
    )
    func resize(from: Int, to: Int) {
        var stage = Stage(columns: from, rows: 24)
        stage.print("one\ntwo\n")
        stage.showWide("a")
        stage.terminal.resize(columns: to, rows: 24)
        stage.print("three\n")
        stage.terminal.resize(columns: from, rows: 24)
        stage.terminal.resize(columns: to, rows: 24)
        stage.showWide("b")
        stage.print("four\n")
        let block = String(repeating: "b", count: to - 1)
        #expect(stage.terminal.lines == ["one", "two", "three", "four", block, block, block])
    }

    @Test("where lines are left as they are, no line above the block is taken for it")
    func rigid() {
        var stage = Stage(columns: 80, rows: 24, reflows: false)
        stage.print("one\ntwo\nthree\nfour\n")
        stage.showWide("a")
        stage.terminal.resize(columns: 20, rows: 24)
        stage.showWide("b")
        let block = String(repeating: "b", count: 19)
        #expect(stage.terminal.lines == ["one", "two", "three", "four", block, block, block])
    }

    @Test("a window that became lower than the block keeps all lines")
    func lower() {
        var stage = Stage(columns: 40, rows: 24)
        stage.print("one\ntwo\n")
        stage.show("a", "b", "c", "d", "e")
        stage.terminal.resize(columns: 40, rows: 4)
        stage.show("x", "y")
        stage.print("three\n")
        let lines = stage.terminal.lines
        #expect(Array(lines.prefix(2)) == ["one", "two"])
        #expect(Array(lines.suffix(3)) == ["three", "x", "y"])
    }

    @Test("the echo of Ctrl-C does not stay, with a block and without")
    func echo() {
        var stage = Stage(columns: 40)
        stage.show("[+] 1")
        stage.echo("^C")
        stage.print("\n")
        stage.show()
        stage.screen.keep()
        stage.echo("^C")
        stage.clearEcho()
        stage.print("stopping\nprompt ")
        stage.echo("^C")
        stage.clearEcho()
        stage.print("killing\n")
        #expect(stage.terminal.lines == ["", "stopping", "prompt ^C", "killing"])
    }

    @Test("nothing is written where nothing changed")
    func quiet() {
        var screen = Screen()
        let size = Screen.Size()
        #expect(screen.showing([], on: size).isEmpty)
        #expect(!screen.showing(["a"], on: size).isEmpty)
        #expect(screen.showing(["a"], on: size).isEmpty)
    }
}
