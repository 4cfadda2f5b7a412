import Foundation
import GoTemplate
import TestSupport
import Testing

@testable import berth

@Suite("words and tables of the command line")
struct OutputTests {
    @Test("a table has three spaces between columns and no trailing blanks")
    func table() {
        let table = Table(header: ["NAME", "PORTS"], rows: [["web-1", ""], ["a", "80/tcp"]])
        #expect(table.lines() == ["NAME    PORTS", "web-1", "a       80/tcp"])
    }

    @Test(
        "sizes are decimal with three digits",
        arguments: [
            (Int64(0), "0B"), (999, "999B"), (1000, "1kB"), (4_260_000, "4.26MB"),
            (1_234_567_890, "1.23GB"),
        ]
    )
    func sizes(bytes: Int64, text: String) { #expect(HumanSize.decimal(bytes) == text) }

    @Test(
        "container output cannot steer the terminal",
        arguments: [
            ("plain\ttext", "plain\ttext"), ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"),
            ("\u{1B}]0;title\u{07}", "\\e]0;title\\x07"), ("\u{1B}[2J", "\\e[2J"),
            ("a\rforged", "a\\rforged"), ("line\r", "line"), ("\u{9B}31m", "\\x9b31m"), ("é", "é"),
        ]
    )
    func visible(text: String, expected: String) {
        #expect(
            String(decoding: TerminalEscaping.line(Array(text.utf8)[...]), as: UTF8.self)
                == expected
        )
    }

    @Test(
        "a colour that a line does not end ends with it",
        arguments: [
            ("plain", "plain"), ("\u{1B}[31mred", "\u{1B}[31mred\u{1B}[0m"),
            ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"),
        ]
    )
    func bleeding(text: String, expected: String) {
        let line = TerminalEscaping.logLine(Array(text.utf8)[...])
        #expect(String(decoding: line, as: UTF8.self) == expected)
    }

    @Test("what we say of a container has no bar, which stands before all that it says")
    func notes() {
        var prefix = LogPrefix(names: ["web-1", "db-1"])
        for (usesColour, before, after) in [(false, "", ""), (true, "\u{1B}[33m", "\u{1B}[0m")] {
            let text = prefix.text("db-1", usesColour: usesColour)
            #expect(String(decoding: text, as: UTF8.self) == "\(before)db-1   | \(after)")
            let note = prefix.note("exited with code 1", about: "db-1", usesColour: usesColour)
            let words = "\(before)db-1 exited with code 1\(after)\n"
            #expect(String(decoding: note, as: UTF8.self) == words)
        }
    }

    static let rows = [
        [(name: "ID", value: "abc"), (name: "Name", value: "web"), (name: "State", value: "up")],
        [
            (name: "ID", value: "d"), (name: "Name", value: "a long name"),
            (name: "State", value: ""),
        ],
    ]

    static let listing = [
        ("table", ["NAME          IMAGE ID", "web           abc", "a long name   d"]),
        ("", ["NAME          IMAGE ID", "web           abc", "a long name   d"]),
        (
            "json",
            [
                #"{"ID":"abc","Name":"web","State":"up"}"#,
                #"{"ID":"d","Name":"a long name","State":""}"#,
            ]
        ), ("{{.ID}}\\t{{.Name | upper}}", ["abc\tWEB", "d\tA LONG NAME"]),
        ("{{if .State}}{{.Name}}{{end}}", ["web", ""]),
        ("table {{.ID}}\\t{{upper .State}}", ["IMAGE ID   STATE", "abc        UP", "d"]),
        ("table{{.Name}}", ["NAME", "web", "a long name"]),
        (
            "{{len .Name}}{{json .}}",
            [
                #"3{"ID":"abc","Name":"web","State":"up"}"#,
                #"11{"ID":"d","Name":"a long name","State":""}"#,
            ]
        ),
    ]

    @Test("rows come as a table, as JSON or through a template", arguments: listing)
    func rows(format: String, expected: [String]) throws {
        let listing = RowListing(
            format: format,
            columns: [.init("Name", "NAME"), .init("ID", "IMAGE ID")]
        )
        #expect(try listing.lines(Self.rows) == expected)
    }

    @Test(
        "a template that is not right is told in Go's words",
        arguments: [
            ("{{.ID", "failed to parse template: template: :1: unclosed action"),
            (
                "{{.Foo}}",
                "template parsing error: template: :1:2: executing \"\" at <.Foo>: can't evaluate "
                    + "field Foo in type *formatter.row"
            ),
        ]
    )
    func refusal(format: String, words: String) {
        let listing = RowListing(format: format, columns: [.init("ID", "ID")])
        let failure = #expect(throws: Failure.self) { try listing.lines(Self.rows) }
        #expect(failure?.description == words)
    }

    @Test("what a template shows on a terminal cannot move its cursor; elsewhere it is as it is")
    func controlCharacters() throws {
        let row = RowListing.row([("ID", "a\u{1B}[2J\u{9B}0m\r\nb\tc")])
        let listing = RowListing(format: "\u{1B}[1m{{.ID}}", columns: [])
        #expect(try listing.lines([row]) == ["\u{1B}[1ma\u{1B}[2J\u{9B}0m\r\nb\tc"])
        #expect(
            try listing.lines([row], isSeen: true) == ["\u{1B}[1ma\\e[2J\\x9B0m\\r\nb\tc"]
        )
        for isSeen in [true, false] {
            var printer = try InspectPrinter(format: "{{.ID}}", isSeen: isSeen)
            try printer.add(.map(row))
            #expect(printer.shown[0].contains("\u{1B}") == !isSeen)
        }
    }

    @Test("lines of a build keep their colours on a terminal, and nothing else of the kind")
    func buildLines() {
        #expect(
            TerminalEscaping.lines("#1 \u{1B}[31mred\u{1B}[0m\n#2 \u{1B}]0;title\u{7}")
                == "#1 \u{1B}[31mred\u{1B}[0m\n#2 \\e]0;title\\x07"
        )
    }

    @Test("labels are asked for by name, and headed by the last part of it")
    func labels() throws {
        let row = RowListing.row([("ID", "a")]) { $0 == "com.example.some-thing" ? "v" : "" }
        let listing = RowListing(
            format: #"table {{.ID}}\t{{.Label "com.example.some-thing"}}"#,
            columns: [.init("ID", "ID")]
        )
        #expect(try listing.lines([row]) == ["ID        some thing", "a         v"])
        #expect(try listing.lines([GoMap]()) == ["ID        some thing"])
        let json = RowListing(format: "json", columns: [])
        #expect(try json.lines([row]) == [#"{"ID":"a"}"#])
    }

    @Test("docker's tables have columns of ten at least")
    func width() {
        let table = Table(header: ["ID", "TAG"], rows: [["a", "b"]], minimumWidth: 10)
        #expect(table.lines() == ["ID        TAG", "a         b"])
    }

    @Test("filters are keys with values, of the known ones")
    func filters() throws {
        let known: Set<String> = ["label", "label!", "dangling"]
        let filters = try Filters(["label=a=1", "label!=c", "dangling=true"], known: known)
        #expect(filters["label"] == ["a=1"])
        #expect(try filters.flag("dangling") == true)
        #expect(filters.match(labels: ["a": "1"]))
        #expect(!filters.match(labels: ["a": "1", "c": ""]))
        #expect(!filters.match(labels: ["a": "2"]))
        let malformed = #expect(throws: Failure.self) { try Filters(["bad"], known: known) }
        #expect(malformed?.exitCode == 125)
        let unknown = #expect(throws: Failure.self) { try Filters(["x=1"], known: known) }
        #expect(unknown?.description == "invalid filter 'x'" && unknown?.exitCode == 1)
    }
}

@Suite(
    "the reference's tables",
    .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
)
struct ReferenceTableTests {
    struct Durations: Decodable {
        struct Case: Decodable {
            var nanoseconds: Int64
            var text: String
        }
        var cases: [Case]
    }

    @Test("durations in words")
    func durations() throws {
        let table = try Corpus.read(Durations.self, "cli/human-duration.json")
        for row in table.cases {
            #expect(HumanDuration.text(.nanoseconds(row.nanoseconds)) == row.text)
        }
        #expect(!table.cases.isEmpty)
    }

    struct Sizes: Decodable {
        struct Case: Decodable {
            var fn: String
            var bytes: Double?
            var text: String
        }
        var cases: [Case]
    }

    @Test("sizes in decimal units")
    func sizes() throws {
        let table = try Corpus.read(Sizes.self, "cli/human-size.json").cases
            .filter { $0.fn.hasPrefix("decimal") }
        for row in table {
            #expect(HumanSize.decimal(row.bytes ?? 0, digits: 4) == row.text)
        }
        #expect(!table.isEmpty)
    }

    struct PortRows: Decodable {
        struct Case: Decodable {
            var ports: [Port]
            var text: String
        }
        struct Port: Decodable {
            var IP: String?
            var PrivatePort: Int
            var PublicPort: Int?
            var `Type`: String
        }
        var cases: [Case]
    }

    @Test("the PORTS column")
    func ports() throws {
        let table = try Corpus.read(PortRows.self, "cli/ps-ports.json")
        for row in table.cases {
            let ports = row.ports.map {
                PortColumn.Port(
                    address: $0.IP,
                    published: $0.PublicPort ?? ($0.IP == nil ? nil : 0),
                    target: $0.PrivatePort,
                    transport: $0.Type
                )
            }
            #expect(PortColumn.text(ports) == row.text)
        }
        #expect(!table.cases.isEmpty)
    }
}
