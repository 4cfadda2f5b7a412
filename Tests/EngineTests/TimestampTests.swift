import Engine
import Testing

@Suite("moments")
struct TimestampTests {
    @Test(
        "are read from RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T18:15:31.123456789Z", 1_795_284_931_123_456_789),
            ("2026-11-21T18:15:31.1Z", 1_795_284_931_100_000_000),
            ("2026-11-21T19:15:31.000000001+01:00", 1_795_284_931_000_000_001),
            ("2000-02-29t12:00:00z", 951_825_600_000_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2026-11-21T18:15:31.1234567891234Z", 1_795_284_931_123_456_789),
        ]
    )
    func reads(text: String, nanoseconds: Int64) {
        #expect(Timestamp(text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "are refused in any other form",
        arguments: [
            "", "2026-11-21", "2026-11-21 18:15:31Z", "2026-13-01T00:00:00Z",
            "2026-11-21T18:15:31", "2026-11-21T18:15:31.Z", "2026-11-21T24:00:00Z",
            "2026-11-21T18:15:31+1:00", "x026-11-21T18:15:31Z", "9999-11-21T18:15:31Z",
            "2262-04-11T23:47:16.999999999Z",
        ]
    )
    func refuses(text: String) { #expect(Timestamp(text) == nil) }

    @Test(
        "are written with nine digits and read back",
        arguments: [
            0, 1, -1, 1_795_284_931_123_456_789, 951_825_600_000_000_000,
            -2_208_988_800_000_000_000,
        ] as [Int64]
    )
    func writes(nanoseconds: Int64) {
        let text = Timestamp(nanoseconds: nanoseconds).description
        #expect(text.utf8.count == 30)
        #expect(Timestamp(text)?.nanoseconds == nanoseconds)
    }

    @Test("of a known day")
    func known() {
        #expect(
            Timestamp(nanoseconds: 1_795_284_931_000_000_042).description
                == "2026-11-21T18:15:31.000000042Z"
        )
    }
}
