import ContainerRuntime
import Engine
import Testing

@testable import Supervisor

/// What log servers are sent, byte for byte.
@Suite("forms of log servers")
struct LogFormTests {
    /// 2026-01-02 03:04:05.123456789 UTC.
    private static let time = Timestamp(nanoseconds: 1_767_323_045_123_456_789)

    private static let origin: LineOrigin = {
        var origin = LineOrigin(
            host: "box",
            processID: 7,
            id: String(repeating: "ab", count: 32),
            name: "shop-web-1",
            image: "sha256:1234",
            imageName: "web:1",
            command: "run -x",
            created: Timestamp(nanoseconds: 1_767_323_045_000_000_000)
        )
        origin.tag = "web"
        return origin
    }()

    private static func line(_ text: String, isError: Bool = false) -> SentLine {
        SentLine(
            LogLine(time: time, stream: isError ? .stderr : .stdout, bytes: Array(text.utf8))
        )
    }

    @Test(
        "syslog: priority, time, host, tag and process",
        arguments: [
            (.rfc5424, 3, "hello\n", false, "<30>1 2026-01-02T03:04:05Z box web 7 web - hello\n"),
            (
                .rfc5424micro, 16, "bad", true,
                "<131>1 2026-01-02T03:04:05.123456Z box web 7 web - bad\n"
            ),
        ] as [(LogDelivery.SyslogForm, Int, String, Bool, String)]
    )
    func syslog(
        _ form: LogDelivery.SyslogForm,
        _ facility: Int,
        _ text: String,
        _ isError: Bool,
        _ expected: String
    ) {
        let line = Self.line(text, isError: isError)
        let message = SyslogText.message(line, Self.origin, form, facility: facility)
        #expect(String(decoding: message, as: UTF8.self) == expected)
    }

    @Test("syslog's older forms: the machine's time, and the host in one of them")
    func olderSyslog() throws {
        for (form, host) in [(LogDelivery.SyslogForm.local, ""), (.rfc3164, "box ")] {
            let message = SyslogText.message(Self.line("x"), Self.origin, form, facility: 3)
            let text = String(decoding: message, as: UTF8.self)
            let pattern = try Regex(#"<30>[A-Z][a-z]{2} [ 1-3]\d \d\d:04:05 \#(host)web\[7\]: x\n"#)
            #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
        }
    }

    @Test("a tag cannot bring fields of its own into a message of RFC 5424")
    func hostileTag() {
        var origin = Self.origin
        origin.tag = "a b\n<0>1"
        let message = SyslogText.message(Self.line("x"), origin, .rfc5424, facility: 3)
        #expect(
            String(decoding: message, as: UTF8.self)
                == "<30>1 2026-01-02T03:04:05Z box ab<0>1 7 ab<0>1 - x\n"
        )
    }

    @Test("GELF: one object, the time in seconds, what goes with it behind underlines")
    func graylog() {
        var origin = Self.origin
        origin.attributes = [("stage", "a\"b")]
        let message = GraylogText.message(Self.line("hello\n", isError: true), origin)
        #expect(
            String(decoding: message, as: UTF8.self) == """
                {"version":"1.1","host":"box","short_message":"hello","timestamp":1767323045.123,\
                "level":3,"_command":"run -x","_container_id":"\(origin.id)",\
                "_container_name":"shop-web-1","_created":"2026-01-02T03:04:05.000000000Z",\
                "_image_id":"sha256:1234","_image_name":"web:1","_tag":"web","_stage":"a\\"b"}
                """
        )
    }

    @Test("GELF over UDP: a long message is numbered pieces, which are the message again")
    func chunks() {
        let message = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(GraylogText.datagrams(of: Array(message[..<1420]), identity: 1).count == 1)
        let pieces = GraylogText.datagrams(of: message, identity: 0x0102_0304_0506_0708)
        #expect(pieces.count == 4)
        #expect(Array(pieces[1].prefix(12)) == [0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 1, 4])
        #expect(pieces.flatMap { $0.dropFirst(12) } == message)
        #expect(pieces.allSatisfy { $0.count <= 1420 })
    }

    @Test("Fluentd: tag, time and record in MessagePack")
    func fluentd() {
        let head: [UInt8] = [0x93, 0xa3] + Array("web".utf8)
        let seconds: [UInt8] = [0x69, 0x57, 0x35, 0xa5]
        let long = String(repeating: "x", count: 300)
        let whole = FluentdMessage.message(Self.line(long), Self.origin, isPrecise: false)
        #expect(Array(whole.prefix(10)) == head + [0xce] + seconds)
        #expect(Array(whole[10..<13]) == [0xde, 0, 4])
        #expect(Array(whole.suffix(303)) == [0xda, 0x01, 0x2c] + Array(long.utf8))
        let precise = FluentdMessage.message(Self.line("x"), Self.origin, isPrecise: true)
        let time: [UInt8] = [0xd7, 0x00] + seconds + [0x07, 0x5b, 0xcd, 0x15]
        #expect(Array(precise.prefix(15)) == head + time)
    }

    @Test("the journal: fields, a value with newlines counted, long lines as several entries")
    func journal() {
        var origin = Self.origin
        origin.attributes = [("com.example.stage", "a\nb"), ("_1", "dropped")]
        let entries = JournalEntry.messages(Self.line("hello\n"), origin)
        #expect(entries.count == 1)
        let text = String(decoding: entries[0], as: UTF8.self)
        #expect(text.hasPrefix("MESSAGE=hello\nPRIORITY=6\nSYSLOG_IDENTIFIER=web\n"))
        #expect(text.contains("\nCONTAINER_ID=abababababab\n"))
        #expect(
            text.hasSuffix("\nCOM_EXAMPLE_STAGE\n\u{3}\0\0\0\0\0\0\0a\nb\n"),
            "\(text.debugDescription)"
        )
        let long = String(repeating: "y", count: 100_000)
        let pieces = JournalEntry.messages(Self.line(long), Self.origin)
        #expect(pieces.count == 3)
        let partial = pieces.map {
            String(decoding: $0, as: UTF8.self).contains("CONTAINER_PARTIAL_MESSAGE=true")
        }
        #expect(partial == [true, true, false])
    }
}
