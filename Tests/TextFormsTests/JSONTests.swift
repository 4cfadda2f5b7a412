import Testing
import TextForms

@Suite("JSON texts")
struct JSONTests {
    @Test(
        "quotes as Go's encoder does, with and without its care for HTML",
        arguments: [
            ("", "\"\"", "\"\""), ("a\"b\\c/", #""a\"b\\c/""#, #""a\"b\\c/""#),
            ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#, #""\n\r\t\b\f""#),
            ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\"", "\"\\u0000\\u001f\u{7f}\""),
            ("<&>", #""<&>""#, #""\u003c\u0026\u003e""#),
            ("\u{2028}é𝄞", "\"\\u2028é𝄞\"", "\"\\u2028é𝄞\""),
        ]
    )
    func quotes(text: String, plain: String, html: String) throws {
        #expect(JSONString.quoted(text) == plain)
        #expect(JSONString.quoted(text, escapesHTML: true) == html)
        #expect(try JSONValue(parsing: Array(plain.utf8)) == .string(text))
        #expect(try JSONValue(parsing: Array(html.utf8)) == .string(text))
    }

    @Test("keeps the order of members and the digits of numbers")
    func keeps() throws {
        let text = "{\n\t\"b\": 1.50e+3,\n\t\"a\": [\n\t\t-0,\n\t\tnull\n\t],\n\t\"c\": {}\n}"
        #expect(try JSONValue(parsing: Array(text.utf8)).text() == text)
    }

    @Test("a member that is there twice has its last value, and is changed and removed as one")
    func members() throws {
        var value = try JSONValue(parsing: Array(#"{"a":1,"b":2,"a":3}"#.utf8))
        #expect(value["a"] == .number("3"))
        value["a"] = .null
        value["c"] = .bool(true)
        #expect(value["a"] == .null)
        value["a"] = nil
        #expect(value.members?.map(\.name) == ["b", "c"])
    }

    @Test(
        "reads escapes, half a pair as Go does",
        arguments: [
            (#""\u0041\/\ud834\udd1e""#, "A/𝄞"), (#""\ud834x""#, "\u{FFFD}x"),
            (#""\udd1e""#, "\u{FFFD}"), (#""\ud834\u0041""#, "\u{FFFD}A"),
        ]
    )
    func escapes(json: String, text: String) throws {
        #expect(try JSONValue(parsing: Array(json.utf8)) == .string(text))
    }

    @Test(
        "says in which line a document is not valid",
        arguments: [
            ("", 1), (" \n", 2), ("{\n\"a\"\n1}", 3), ("[1,\n]", 2), ("[1 2]", 1), ("{} {}", 1),
            ("01", 1), ("1.", 1), ("-", 1), ("+1", 1), (".5", 1), ("1e", 1), ("0x10", 1),
            ("tru", 1), ("nulls", 1), ("\"a", 1), ("\"a\nb\"", 1), (#""\x""#, 1), (#""\u12g4""#, 1),
            (#""\"#, 1), ("{a:1}", 1), ("{\"a\":1,}", 1),
        ]
    )
    func malformed(text: String, line: Int) {
        let error = #expect(throws: JSONValue.Malformed.self) {
            try JSONValue(parsing: Array(text.utf8))
        }
        #expect(error?.line == line)
    }

    @Test("bytes that are not UTF-8 and documents that nest without end are refused")
    func hostile() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONValue.Malformed.self) { try JSONValue(parsing: deep) }
        #expect(throws: JSONValue.Malformed.self) { try JSONValue(parsing: [34, 0xff, 34]) }
    }

    @Test("a string is also read as the bytes it has, whatever they are")
    func raw() {
        let bytes: [UInt8] = [0xff, 92, 110, 10, 34, 1]
        let read = bytes.withUnsafeBufferPointer { JSONString.unescape($0, from: 0) }
        #expect(read?.bytes == [0xff, 10, 10])
        #expect(read?.next == 5)
        let open = Array("abc".utf8).withUnsafeBufferPointer { JSONString.unescape($0, from: 0) }
        #expect(open == nil)
    }
}
