import GoTemplate
import Testing

@testable import DockerViews

@Suite("listings")
struct ListingTests {
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
        let failure = #expect(throws: DockerViewsError.self) { try listing.lines(Self.rows) }
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
            var inspection = try Inspection(format: "{{.ID}}", isSeen: isSeen)
            try inspection.add(.map(row))
            #expect(inspection.lines[0].contains("\u{1B}") == !isSeen)
        }
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
        let malformed = #expect(throws: DockerViewsError.self) {
            try Filters(["bad"], known: known)
        }
        #expect(malformed?.kind == .usage)
        let unknown = #expect(throws: DockerViewsError.self) { try Filters(["x=1"], known: known) }
        #expect(unknown?.description == "invalid filter 'x'" && unknown?.kind == .refused)
    }

    @Test("columns of a table stand below each other whatever is in them")
    func wideTable() {
        let table = Table(header: ["名前", "ID"], rows: [["a", "1"], ["日本語", "2"]])
        #expect(table.lines() == ["名前     ID", "a        1", "日本語   2"])
    }
}
