import Testing

@testable import GoTemplate

@Suite("printf")
struct FormattingTests {
    static let table: [(String, [GoValue], String)] = [
        (
            "%d|%5d|%-5d|%05d|%+d", Array(repeating: .integer(42), count: 5),
            "42|   42|42   |00042|+42"
        ),
        (
            "%x %X %#x %o %b %c %U", Array(repeating: .integer(65), count: 7),
            "41 41 0x41 101 1000001 A U+0041"
        ),
        (
            "%s|%10s|%-6s|%.2s", Array(repeating: .string("héllo"), count: 4),
            "héllo|     héllo|héllo |hé"
        ),
        ("%q %x", [.string("a\"b\n"), .string("hi")], "\"a\\\"b\\n\" 6869"),
        ("%v %+v %T", [.string("a"), .strings(["b": "c"]), .integer(1)], "a map[b:c] int"),
        ("%t %v", [.bool(true), .null], "true <nil>"), ("100%%", [], "100%"),
        ("%d", [.string("a")], "%!d(string=a)"), ("%d", [], "%!d(MISSING)"),
        ("x", [.integer(1)], "x%!(EXTRA int=1)"), ("%z", [.integer(1)], "%!z(int=1)"),
        ("%", [], "%!(NOVERB)"), ("%*d", [.integer(4), .integer(7)], "   7"),
        ("%s %q", [.strings(["a", "b"]), .strings(["a", "b"])], "[a b] [\"a\" \"b\"]"),
        (
            "%f %.2f %8.3f %e %g", Array(repeating: .float(3.14159), count: 5),
            "3.141590 3.14    3.142 3.141590e+00 3.14159"
        ),
        ("%.0f %.1f %.2f", [.float(2.5), .float(0.25), .float(1.005)], "2 0.2 1.00"),
        (
            "%.3g %.3g %.3g", [.float(1234.5), .float(0.00012345), .float(999.9)],
            "1.23e+03 0.000123 1e+03"
        ),
        (
            "%v %v %v", [.float(1e21), .float(1e-7), .float(123456789)],
            "1e+21 1e-07 1.23456789e+08"
        ),
        ("%#v %#v", [.string("a"), .strings(["a"])], "\"a\" []interface {}{\"a\"}"),
        ("%-8v|", [.bool(true)], "true    |"), ("%q", [.integer(120)], "'x'"),
    ]

    @Test("says what Go's says", arguments: table)
    func formats(format: String, arguments: [GoValue], expected: String) {
        #expect(Formatting(format, arguments).text == expected)
    }
}

@Suite("values as JSON")
struct JSONTests {
    @Test("numbers have an exponent only where Go's have")
    func numbers() {
        let values: [GoValue] = [
            .float(1e20), .float(1e21), .float(1e-6), .float(1e-7), .float(0.5),
        ]
        #expect(GoValue.list(values).json == "[100000000000000000000,1e+21,0.000001,1e-7,0.5]")
    }

    @Test("several lines have docker's indentation, empty collections none")
    func indented() {
        let value = GoValue.list([
            .map(
                GoMap([
                    ("B", .list([])), ("A", .strings(["x"])), ("N", .null), ("M", .strings([:])),
                ])
            )
        ])
        #expect(
            value.indentedJSON() == """
                [
                    {
                        "B": [],
                        "A": [
                            "x"
                        ],
                        "N": null,
                        "M": {}
                    }
                ]
                """
        )
    }
}
