import TextForms
import Testing

@Suite("What was meant by a word")
struct NearestTests {
    @Test(
        "is the nearest candidate, where the edits are few for the length of the word",
        arguments: [
            ("prots", "ports"), ("strat", "start"), ("RUM", "RUN"), ("evn", "env"), ("kil", "kill"),
            ("enviroment", "environment"), ("healthy", "service_healthy"), ("PORTS", "ports"),
            ("restrat", "restart"),
            // Half of the letters are others.
            ("foo", nil), ("for", nil), ("abcd", nil), ("name", nil), ("", nil), ("x", nil),
        ]
    )
    func nearest(word: String, expected: String?) {
        let candidates = [
            "ports", "start", "RUN", "env", "kill", "environment", "service_healthy", "restart",
            "file", "up",
        ]
        #expect(TextForms.nearest(to: word, among: candidates) == expected)
    }

    @Test("is nothing that has no letter of the word")
    func nothing() {
        #expect(TextForms.nearest(to: "a", among: ["b"]) == nil)
        #expect(TextForms.nearest(to: "ab", among: ["cd"]) == nil)
    }
}
