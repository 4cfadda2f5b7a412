import TestSupport
import Testing

@testable import DockerViews

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
