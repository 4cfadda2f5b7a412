import Testing

@testable import berth

@Suite("words and tables of the command line")
struct OutputTests {
    @Test(
        "container output cannot steer the terminal",
        arguments: [
            ("plain\ttext", "plain\ttext"), ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"),
            ("\u{1B}]0;title\u{07}", "\\e]0;title\\x07"), ("\u{1B}[2J", "\\e[2J"),
            ("a\rforged", "a\\rforged"), ("line\r", "line"), ("\u{9B}31m", "\\x9b31m"), ("é", "é"),
        ]
    )
    func visible(text: String, expected: String) {
        #expect(
            String(decoding: TerminalEscaping.line(Array(text.utf8)[...]), as: UTF8.self)
                == expected
        )
    }

    @Test(
        "a colour that a line does not end ends with it",
        arguments: [
            ("plain", "plain"), ("\u{1B}[31mred", "\u{1B}[31mred\u{1B}[0m"),
            ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"),
        ]
    )
    func bleeding(text: String, expected: String) {
        let line = TerminalEscaping.logLine(Array(text.utf8)[...])
        #expect(String(decoding: line, as: UTF8.self) == expected)
    }

    @Test("what we say of a container has no bar, which stands before all that it says")
    func notes() {
        var prefix = LogPrefix(names: ["web-1", "db-1"])
        for (usesColour, before, after) in [(false, "", ""), (true, "\u{1B}[33m", "\u{1B}[0m")] {
            let text = prefix.text("db-1", usesColour: usesColour)
            #expect(String(decoding: text, as: UTF8.self) == "\(before)db-1   | \(after)")
            let note = prefix.note("exited with code 1", about: "db-1", usesColour: usesColour)
            let words = "\(before)db-1 exited with code 1\(after)\n"
            #expect(String(decoding: note, as: UTF8.self) == words)
        }
    }

    @Test("lines of a build keep their colours on a terminal, and nothing else of the kind")
    func buildLines() {
        #expect(
            TerminalEscaping.lines("#1 \u{1B}[31mred\u{1B}[0m\n#2 \u{1B}]0;title\u{7}")
                == "#1 \u{1B}[31mred\u{1B}[0m\n#2 \\e]0;title\\x07"
        )
    }

}
