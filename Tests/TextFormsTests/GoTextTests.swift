import Testing
import TextForms

@Suite("Go's numbers and quotes")
struct GoTextTests {
    /// `strconv.FormatFloat(v, 'g', -1, 64)`, which Go's YAML uses, and `encoding/json`.
    @Test(
        "writes floating-point numbers as Go does",
        arguments: [
            (0.5, "0.5", "0.5"), (-0.0, "-0", "-0"), (100_000, "100000", "100000"),
            (1_000_000, "1e+06", "1000000"), (1e20, "1e+20", "100000000000000000000"),
            (1e21, "1e+21", "1e+21"), (0.0001, "0.0001", "0.0001"), (0.00001, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"), (1.25e-10, "1.25e-10", "1.25e-10"), (0.1, "0.1", "0.1"),
            (123_456.789, "123456.789", "123456.789"),
            (Double.leastNonzeroMagnitude, "5e-324", "5e-324"),
        ]
    )
    func floats(value: Double, yaml: String, json: String) {
        #expect(GoFloat.yaml(value) == yaml)
        #expect(GoFloat.shortest(value) == yaml)
        #expect(GoFloat.json(value) == json)
    }

    @Test("has words for what is not a number")
    func notNumbers() {
        #expect(GoFloat.shortest(-.infinity) == "-Inf")
        #expect(GoFloat.yaml(.infinity) == ".inf")
        #expect(GoFloat.yaml(.nan) == ".nan")
        #expect(GoFloat.json(.nan) == "null")
    }

    @Test(
        "quotes texts as strconv.Quote does",
        arguments: [
            ("a\"b", #""a\"b""#), ("\u{7}\u{0}\n", #""\a\x00\n""#), ("é", "\"é\""),
            ("\u{200b}", #""\u200b""#), ("\u{e0001}", #""\U000e0001""#),
        ]
    )
    func quotes(text: String, quoted: String) {
        #expect(GoQuote.quoted(text) == quoted)
    }
}
