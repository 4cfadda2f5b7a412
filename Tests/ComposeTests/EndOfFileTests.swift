import Compose
import Testing

/// What is wrong at the very end of a file: the place, and the line that is shown for it.
@Suite("The end of a file")
struct EndOfFileTests {
    /// Everything that is wrong with a text, as a person sees it.
    private func rendered(_ text: String) -> String {
        do {
            _ = try load(text)
            return ""
        } catch {
            return error.problems.map { $0.rendered() }.joined(separator: "\n")
        }
    }

    @Test(
        "a mistake in the last line is shown with that line, ended or not",
        arguments: ["", "\n", "\r\n", "\n\n\n", "\n# the end", "\n  \n"]
    )
    func lastLine(end: String) {
        #expect(
            rendered("services:\n  web:\n    image: x\n    prots: []" + end) == """
                compose.yaml:4:5: services.web: unknown key "prots"; did you mean "ports"?
                    4 |     prots: []
                      |     ^
                """
        )
    }

    @Test(
        "what is not closed is told where it opens or at the end, never behind it",
        arguments: [
            (
                "services:\n  a: [x", "compose.yaml:2:8: ",
                "    2 |   a: [x\n      |        ^"
            ),
            (
                "services:\n  a: {image: x", "compose.yaml:2:15: ",
                "    2 |   a: {image: x\n      |               ^"
            ),
            (
                "services:\n  a: {image: \"x", "compose.yaml:2:14: ",
                "    2 |   a: {image: \"x\n      |              ^"
            ),
            (
                "services:\n  a: {image: 'x\n\n\n", "compose.yaml:2:14: ",
                "    2 |   a: {image: 'x\n      |              ^"
            ),
            ("a", "compose.yaml:1:1: ", "    1 | a\n      | ^"),
        ]
    )
    func unclosed(text: String, start: String, excerpt: String) {
        let found = rendered(text)
        #expect(found.hasPrefix(start))
        #expect(found.hasSuffix("\n" + excerpt), "\(found)")
    }

    @Test(
        "a file without anything in it is refused as a whole, without a line",
        arguments: ["", "\n", "\n\n", "# nothing", "# nothing\n", "   ", "\u{FEFF}"]
    )
    func empty(text: String) {
        #expect(rendered(text) == "compose.yaml: empty compose file")
    }
}
