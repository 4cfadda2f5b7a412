import Testing
import TextForms

@Suite("Go's durations")
struct GoDurationTests {
    /// From the documentation of Go's package `time` and its rules for `ParseDuration`.
    @Test(
        "reads durations as Go writes them",
        arguments: [
            ("0", 0), ("30s", 30_000_000_000), ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000), ("300ms", 300_000_000), ("-1.5s", -1_500_000_000),
            ("+5s", 5_000_000_000), ("1us", 1000), ("1µs", 1000), ("1μs", 1000), ("7ns", 7),
            (".5s", 500_000_000), ("5.s", 5_000_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("9223372036854775807ns", .max), ("-9223372036854775808ns", .min),
            ("0.100000000000000000000h", 360_000_000_000), ("1s1s", 2_000_000_000),
        ] as [(String, Int64)]
    )
    func reads(text: String, nanoseconds: Int64) {
        #expect(GoDuration.parse(text) == nanoseconds)
    }

    @Test(
        "refuses other durations",
        arguments: [
            "", "3", "s", "1x", "1s2", ".s", "-", "+", "1d", "1w", "1 s", "1.2.3s", "--1s",
            "9223372036854775808ns", "300000000h", "-9223372036854775809ns", "1e3s", "١s",
        ]
    )
    func refuses(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test(
        "knows days and weeks where compose does",
        arguments: [("1d", 24), ("2w", 336), ("1w2d3h", 219), ("1.5d", 36)]
    )
    func days(text: String, hours: Int64) {
        #expect(GoDuration.parse(text, units: .daysAndWeeks) == hours * 3_600_000_000_000)
    }

    @Test(
        "writes durations as Go does",
        arguments: [
            (0, "0s"), (1, "1ns"), (1100, "1.1µs"), (2_200_000, "2.2ms"), (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"), (3_600_000_000_000, "1h0m0s"),
            (90_061_000_000_001, "25h1m1.000000001s"),
            (-1_500_000_000, "-1.5s"), (.min, "-2562047h47m16.854775808s"),
            (.max, "2562047h47m16.854775807s"),
        ] as [(Int64, String)]
    )
    func writes(nanoseconds: Int64, text: String) {
        #expect(GoDuration.text(nanoseconds: nanoseconds) == text)
        #expect(GoDuration.parse(text) == nanoseconds)
    }

    @Test("a span that is too long for Go is written as its longest")
    func saturates() {
        #expect(GoDuration.text(.seconds(90)) == "1m30s")
        #expect(GoDuration.text(.seconds(Int64.max)) == "2562047h47m16.854775807s")
    }
}
