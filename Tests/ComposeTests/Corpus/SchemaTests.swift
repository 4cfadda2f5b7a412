import Compose
import Foundation
import TestSupport
import Testing

/// The table of attributes against the JSON schema of the specification.
@Suite("Schema", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct SchemaTests {
    @Test("every attribute of the schema has a row")
    func complete() throws {
        let root = try #require(Corpus.root)
        let path = root + "/compose/schema/compose-spec.compose-go.json"
        let data = try #require(FileManager.default.contents(atPath: path))
        let schema = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        var walk = Walk(definitions: schema["$defs"] as? [String: Any] ?? [:])
        walk.visit(schema, at: "")
        let rows = Set(SupportTable.rows.map(\.path))
        let missing = walk.paths.subtracting(rows).sorted()
        #expect(missing.isEmpty)
        #expect(walk.paths.count > 300)
    }

    /// Collects the paths of fixed keys.
    struct Walk {
        var definitions: [String: Any]
        var paths: Set<String> = []

        mutating func visit(_ node: [String: Any], at path: String) {
            if let reference = node["$ref"] as? String {
                let name = String(reference.split(separator: "/").last ?? "")
                visit(definitions[name] as? [String: Any] ?? [:], at: path)
            }
            for key in ["oneOf", "anyOf"] {
                for form in node[key] as? [[String: Any]] ?? [] { visit(form, at: path) }
            }
            // The old form of `external` is read, but is no attribute of its own.
            if !path.hasSuffix(".external") {
                for (key, value) in node["properties"] as? [String: Any] ?? [:] {
                    let place = path.isEmpty ? key : "\(path).\(key)"
                    paths.insert(place)
                    visit(value as? [String: Any] ?? [:], at: place)
                }
            }
            for (key, value) in node["patternProperties"] as? [String: Any] ?? [:]
            where key != "^x-" {
                visit(value as? [String: Any] ?? [:], at: path + ".*")
            }
            if let items = node["items"] as? [String: Any] { visit(items, at: path + "[]") }
        }
    }
}
