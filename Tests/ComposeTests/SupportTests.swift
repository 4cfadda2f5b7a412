import Compose
import Foundation
import TestSupport
import Testing

/// `docs/compose.md` lists every attribute; the list is made from the table.
@Suite("Support table")
struct SupportTests {
    private static let begin = "<!-- table: begin -->\n"
    private static let end = "<!-- table: end -->\n"

    @Test("the documentation has the table of the code")
    func documentation() throws {
        let url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/compose.md")
        try Golden(url).compare(Self.table(), between: Self.begin, and: Self.end)
    }

    private static func table() -> String {
        let rows = SupportTable.rows
        let done = rows.filter { Self.words(for: $0.outcome).hasPrefix("carried") }.count
        let informational = rows.filter { Self.words(for: $0.outcome).hasPrefix("info") }.count
        let limited = rows.count { if case .limited = $0.outcome { true } else { false } }
        let partly = rows.count {
            if case .refused(let ordinary) = $0.outcome { !ordinary.isEmpty } else { false }
        }
        let refused = rows.count - done - informational
        var text =
            "\(done) of \(rows.count) attributes are carried out, \(limited) of them for some values; "
        text +=
            "\(informational) are informational: they change nothing, for the reason in the table; "
        text += "\(refused) are refused, \(partly) of them but for the values that are usual.\n\n"
        text += "| attribute | when the project runs |\n| --- | --- |\n"
        for row in rows {
            text += "| `\(row.path)` | \(Self.words(for: row.outcome)) |\n"
        }
        return text
    }

    private static func words(for outcome: SupportTable.Outcome) -> String {
        switch outcome {
        case .carriedOut: "carried out"
        case .limited(let values): "carried out for \(Self.list(values)), else refused"
        case .informational(let reason, let isNoted):
            "informational\(isNoted ? ", with a note" : ""): \(reason)"
        case .refused(let ordinary) where ordinary.isEmpty: "refused"
        case .refused(let ordinary):
            "refused, but for \(Self.list(ordinary))"
        }
    }

    private static func list(_ values: [String]) -> String {
        values.map { "`\($0)`" }.joined(separator: ", ")
    }

    @Test("variables are found with their defaults, nested ones too")
    func variables() throws {
        let files = MemoryFiles([
            "compose.yaml": """
            services:
              a: {image: "${IMAGE:-x:${TAG-1}}", user: "${U:?who}", hostname: "${H:+h}$$no$N"}
            """
        ])
        let found = try ComposeLoader(files: files).variables(.test())
        #expect(found.map(\.name) == ["H", "IMAGE", "N", "TAG", "U"])
        #expect(found.map(\.defaultValue) == ["", "x:${TAG-1}", "", "1", ""])
        #expect(found.map(\.presenceValue) == ["h", "", "", "", ""])
        #expect(found.map(\.isRequired) == [false, false, false, false, true])
    }

    @Test("services are listed dependencies first")
    func order() throws {
        let loaded = try load(
            """
            services:
              web: {image: w, depends_on: [db, cache]}
              db: {image: d, depends_on: [disk]}
              cache: {image: c}
              disk: {image: k}
            """
        )
        #expect(loaded.serviceNames == ["cache", "disk", "db", "web"])
        #expect(loaded.imageNames == ["c", "d", "k", "w"])
    }
}
