import TextForms
import Testing

@Suite("columns of text")
struct DisplayWidthTests {
    @Test(
        "counts columns, not characters",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한글", 4), ("ｆｕｌｌ", 8),
            ("✔", 1), ("✅", 2), ("🎉", 2), ("…", 1), ("a\u{200B}b", 2),
            ("\u{1B}[31mred\u{1B}[0m", 3), ("\u{1100}\u{1161}", 2), ("\u{20000}", 2),
        ]
    )
    func widths(text: String, width: Int) { #expect(text.displayWidth == width) }

    @Test(
        "cuts at the end",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"), ("ab", 1, "…"), ("ab", 0, ""),
        ]
    )
    func cuts(text: String, columns: Int, expected: String) {
        #expect(text.cut(toColumns: columns) == expected)
        #expect(expected.displayWidth <= columns)
    }

    @Test(
        "shortens in the middle, where names differ least",
        arguments: [
            ("Container shop-worker-1", 23, "Container shop-worker-1"),
            ("Container shop-worker-1", 13, "Cont…worker-1"), ("日本語日本語", 7, "日…本語"),
            ("abc", 2, "a…"), ("abc", 0, ""),
        ]
    )
    func shortens(text: String, columns: Int, expected: String) {
        let short = text.shortened(toColumns: columns)
        #expect(short == expected)
        #expect(short.displayWidth <= columns)
    }
}
