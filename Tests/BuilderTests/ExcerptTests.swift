import Testing

@testable import Builder

/// The lines of a Dockerfile that an error shows.
@Suite("Excerpts of a Dockerfile")
struct ExcerptTests {
    /// What is wrong with a text, as a person sees it.
    private func problems(_ text: String) -> String {
        do {
            _ = try Dockerfile(parsing: text)
            return ""
        } catch {
            return error.showing(text).description
        }
    }

    @Test(
        "a mistake in the last line is shown with that line, ended or not",
        arguments: ["", "\n", "\r\n", "\n\n# the end"]
    )
    func lastLine(end: String) {
        #expect(
            problems("FROM scratch\n\n\tCOPPY a b" + end) == """
                Dockerfile:3: unknown instruction: COPPY (did you mean COPY?)
                    3 | \tCOPPY a b
                      | \t^
                """
        )
    }

    @Test("an instruction of several lines is shown by its first, each problem by its own")
    func severalLines() {
        #expect(
            problems("FROM scratch\nCOPPY a \\\n  b\nRUN <<END\nsleep 1") == """
                Dockerfile:2: unknown instruction: COPPY (did you mean COPY?)
                    2 | COPPY a \\
                      | ^
                Dockerfile:4: unterminated heredoc END
                    4 | RUN <<END
                      | ^
                """
        )
    }

    @Test(
        "a file without instructions is refused as a whole, without a line",
        arguments: ["", "\n", "# nothing", "# nothing\n"]
    )
    func empty(text: String) {
        #expect(problems(text) == "Dockerfile: file with no instructions")
    }

    @Test("of a long line the start is shown, and nothing that a terminal obeys")
    func hostileLines() throws {
        #expect(
            problems("FROM scratch\nCOPPY \u{1B}[2J").hasSuffix(
                "\n    2 | COPPY \u{FFFD}[2J\n      | ^"
            )
        )
        let step = try Dockerfile(parsing: "FROM scratch\nRUN \u{1B}[2J")
        #expect(step.excerpt(around: 2...2).hasSuffix(">>> RUN \u{FFFD}[2J"))
        let long = "COPPY " + String(repeating: "y", count: 5000)
        #expect(
            problems("FROM scratch\n" + long).hasSuffix("\n    2 | \(long.prefix(160))…\n      | ^")
        )
    }

    @Test(
        "a step that failed is shown with two lines on each side, as far as there are any",
        arguments: [
            (1...1, "  1 | >>> FROM scratch\n  2 |\n  3 |     RUN a"),
            (4...4, "  2 |\n  3 |     RUN a\n  4 | >>> RUN b \\\n  5 |       c"),
            (4...5, "  2 |\n  3 |     RUN a\n  4 | >>> RUN b \\\n  5 | >>>   c"),
        ]
    )
    func step(lines: ClosedRange<Int>, excerpt: String) throws {
        // The last line is not ended.
        let file = try Dockerfile(parsing: "FROM scratch\n\nRUN a\nRUN b \\\n  c")
        #expect(file.excerpt(around: lines) == excerpt)
    }

    @Test(
        "what only Unicode takes for the end of a line ends none",
        arguments: ["\u{0B}", "\u{0C}", "\r", "\u{85}", "\u{2028}"]
    )
    func otherEnds(end: String) throws {
        #expect(
            problems("FROM scratch\nLABEL a=\"b\(end)c\"\nCOPPY a b\n").hasSuffix(
                "\n    3 | COPPY a b\n      | ^"
            )
        )
        let file = try Dockerfile(parsing: "FROM scratch\nLABEL a=\"b\(end)c\"\nRUN d")
        #expect(file.excerpt(around: 3...3, context: 0) == "  3 | >>> RUN d")
        // A directive has a line of its own.
        let remark = try Dockerfile(parsing: "# x=y\(end)# escape=`\nFROM scratch\n")
        #expect(remark.escape == "\\")
    }

    @Test("a byte order mark is no part of the first line")
    func byteOrderMark() throws {
        #expect(
            problems("\u{FEFF}COPPY a b").hasSuffix("\n    1 | COPPY a b\n      | ^")
        )
        let file = try Dockerfile(parsing: "\u{FEFF}# escape=`\nFROM scratch\n")
        #expect(file.escape == "`")
    }

    @Test("line numbers of one and of two digits stand below each other")
    func numbers() throws {
        let file = try Dockerfile(
            parsing: "FROM scratch\n" + (2...11).map { "RUN \($0)\n" }.joined()
        )
        #expect(
            file.excerpt(around: 10...10) == """
                   8 |     RUN 8
                   9 |     RUN 9
                  10 | >>> RUN 10
                  11 |     RUN 11
                  12 |
                """
        )
    }

    @Test("of a long here-document the start is shown")
    func longStep() throws {
        let text = (1...100).map { "echo \($0)\n" }.joined()
        let file = try Dockerfile(parsing: "FROM scratch\nRUN <<END\n\(text)END\n")
        let shown = file.excerpt(around: 2...103).split(separator: "\n")
        #expect(shown.count == 16)
        #expect(shown.last == "  16 | >>> echo 14")
    }
}
