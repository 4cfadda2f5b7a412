import Foundation
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
        #expect(String(decoding: Visible.line(Array(text.utf8)[...]), as: UTF8.self) == expected)
    }

    @Test("a row template fills in fields and JSON")
    func template() throws {
        let row = [(name: "Name", value: "web-1"), (name: "State", value: "run\"ning")]
        #expect(
            try RowTemplate(parsing: "{{.Name}}\\t{{ .State }}").render(row) == "web-1\trun\"ning"
        )
        #expect(
            try RowTemplate(parsing: "{{json .}}").render(row)
                == #"{"Name":"web-1","State":"run\"ning"}"#
        )
    }

    @Test(
        "a row template refuses what it does not know",
        arguments: [
            "{{.Name", "{{if .Name}}x{{end}}", "{{upper .Name}}",
        ]
    )
    func refusal(text: String) {
        #expect(throws: RowTemplate.Unsupported.self) { try RowTemplate(parsing: text) }
    }
}

@Suite("the reference's tables", .enabled(if: Corpus.isPresent, "needs ../shared/corpus"))
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
