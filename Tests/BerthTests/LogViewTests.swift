import ArgumentParser
import DockerViews
import Testing

@testable import berth

@Suite("what logs show of lines")
struct LogViewTests {
    @Test(
        "what turns the direction of reading is shown, and letters and emojis are as they are",
        arguments: [
            ("a\u{202E}b", "a\\u{202E}b"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("\u{61C}", "\\u{61C}"), ("\u{200F}\u{200E}", "\\u{200F}\\u{200E}"),
            ("a\u{2028}b", "a\\u{2028}b"), ("👩\u{200D}💻 – é ∑ 日本 شكرا", "👩\u{200D}💻 – é ∑ 日本 شكرا"),
        ]
    )
    func turns(text: String, expected: String) {
        let shown = TerminalEscaping.line(Array(text.utf8)[...])
        #expect(String(decoding: shown, as: UTF8.self) == expected)
    }

    @Test("a character that is cut at the end of a line stays as it is")
    func cut() {
        for bytes: [UInt8] in [[0xE2], [0xE2, 0x80], [0xD8], [0xF0, 0x9F]] {
            #expect(TerminalEscaping.line(bytes[...]) == bytes)
        }
    }

    @Test(
        "of JSON lines the members asked for are shown, of others nothing is taken",
        arguments: [
            (#"{"level":"info","msg":"up","n":3}"#, ["level", "msg"], "info up"),
            (#" {"n":1.50,"ok":true,"x":null}"#, ["x", "ok", "n"], "null true 1.50"),
            (#"{"http":{"status":200},"a.b":1}"#, ["http.status", "a.b", "no"], "200 1 -"),
            (#"{"tags":["a",{"b":"c"}]}"#, ["tags"], #"["a",{"b":"c"}]"#),
            (#"{"msg":"a\nweb-1  | forged\u001b[2J"}"#, ["msg"], #"a\nweb-1  | forged\e[2J"#),
            ("plain", ["level"], nil), ("{broken", ["level"], nil), ("[1]", ["level"], nil),
        ] as [(String, [String], String?)]
    )
    func fields(line: String, names: [String], shown: String?) {
        #expect(LogFields.of(Array(line.utf8)[...], names) == shown)
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            ["--grep", "("], ["--ignore-case"], ["--fields", ","], ["--time-zone", "Nowhere/Else"],
            ["--time-zone", "../../etc/passwd"],
        ]
    )
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try Logs.parse(arguments) }
    }

    @Test("expressions are those of grep -E, with and without regard to case")
    func expressions() {
        #expect(NamePattern("err(or)?:")?.isFound(in: "an error: x") == true)
        #expect(NamePattern("ERROR")?.isFound(in: "an error: x") == false)
        #expect(NamePattern("ERROR", ignoresCase: true)?.isFound(in: "an error: x") == true)
    }
}
