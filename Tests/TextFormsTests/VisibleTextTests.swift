import Testing
import TextForms

@Suite("Visible text")
struct VisibleTextTests {
    @Test(
        "what a terminal would act on is shown as an escape",
        arguments: [
            ("plain é 日本 🎉", "plain é 日本 🎉", "plain é 日本 🎉"),
            ("\u{1B}]0;x\u{7}", #"\e]0;x\x07"#, "\u{FFFD}]0;x\u{FFFD}"),
            ("a\n\r\tb", #"a\n\r\tb"#, "a\u{FFFD}\u{FFFD}\tb"),
            ("\u{9B}2J\u{7F}", #"\x9B2J\x7F"#, "\u{FFFD}2J\u{FFFD}"),
            (
                "a\u{AD}\u{200B}\u{2028}\u{FEFF}\u{E0041}b",
                #"a\xAD\u{200B}\u{2028}\u{FEFF}\u{E0041}b"#,
                "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b"
            ),
            ("\u{202E}\u{2066}\u{200F}", #"\u{202E}\u{2066}\u{200F}"#, "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ]
    )
    func escapes(text: String, escaped: String, sameColumns: String) {
        #expect(VisibleText.escaped(text) == escaped)
        #expect(VisibleText.sameColumns(text) == sameColumns)
    }

    @Test("of a text that is too long to be read the beginning is shown")
    func shortened() {
        let long = String(repeating: "é", count: 500)
        #expect(VisibleText.shortened(long) == long)
        #expect(VisibleText.shortened("\n" + long) == "\\n" + long.prefix(399) + "…")
    }

    @Test("lines and tabs stay in a text that may have them")
    func lines() {
        #expect(VisibleText.lines("a\r\n\tb\u{1B}[2J\n") == "a\\r\n\tb\\e[2J\n")
        #expect(VisibleText.lines("plain é\n") == "plain é\n")
    }
}
