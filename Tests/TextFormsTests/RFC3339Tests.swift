import Testing
import TextForms

@Suite("RFC 3339")
struct RFC3339Tests {
    @Test(
        "writes the digits of the second that are asked for",
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            (
                1_709_210_096_789_000_000, "2024-02-29T12:34:56.789000000Z",
                "2024-02-29T12:34:56.789Z", "2024-02-29T12:34:56Z"
            ),
            (
                951_782_400_000_000_005, "2000-02-29T00:00:00.000000005Z",
                "2000-02-29T00:00:00.000000005Z", "2000-02-29T00:00:00Z"
            ),
            (
                -1, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z",
                "1969-12-31T23:59:59Z"
            ),
        ] as [(Int64, String, String, String)]
    )
    func writes(nanoseconds: Int64, nine: String, shortest: String, none: String) {
        #expect(RFC3339.text(nanoseconds: nanoseconds) == nine)
        #expect(RFC3339.text(nanoseconds: nanoseconds, fraction: .shortest) == shortest)
        #expect(RFC3339.text(nanoseconds: nanoseconds, fraction: .none) == none)
        #expect(RFC3339.parse(nine) == nanoseconds)
        #expect(RFC3339.parse(shortest) == nanoseconds)
    }

    @Test(
        "reads offsets, small letters and long fractions",
        arguments: [
            ("2024-02-29T12:34:56+01:30", "2024-02-29T11:04:56Z"),
            ("2024-02-29t12:34:56z", "2024-02-29T12:34:56Z"),
            ("2024-02-29T12:34:56.1234567891Z", "2024-02-29T12:34:56.123456789Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ]
    )
    func reads(text: String, written: String) throws {
        let nanoseconds = try #require(RFC3339.parse(text))
        #expect(RFC3339.text(nanoseconds: nanoseconds, fraction: .shortest) == written)
    }

    @Test(
        "refuses what is not such a time",
        arguments: [
            "", "2024-02-29", "2024-02-29T12:34:56", "2024-13-01T00:00:00Z", "2024-02-29 12:34:56Z",
            "2024-02-29T24:00:00Z", "2024-02-29T12:34:56.Z", "2024-02-29T12:34:56+0130",
            "9999-01-01T00:00:00Z", "2024-02-29T12:34:56Z ", "٢٠٢٤-02-29T12:34:56Z",
        ]
    )
    func refuses(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }
}
