import Foundation
import Testing

/// Holds docs/security.md and docs/networking.md to the tests that they name.
@Suite("tables of what is tried")
struct SecurityTableTests {
    private struct Row {
        var id: Substring
        var cells: [Substring]
        /// The names in the last column, `Type.function` or `Target/Type.function`.
        var tests: [String] {
            let cell = cells.last ?? ""
            return cell.matches(of: /`([A-Za-z0-9_\/]+\.[A-Za-z0-9_]+)`/).map { String($0.1) }
        }
    }

    /// The rows that begin with an identifier: `a.1`, `B-01`.
    private static func rows(of page: String) throws -> [Row] {
        let file = Package.root.appending(path: "docs/\(page)")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: /^\| ((?:a\.|B-|N-|P-)[0-9]+)[ |]/) else {
                return nil
            }
            let cells = line.dropFirst().dropLast().split(separator: "|")
            return Row(id: match.1, cells: cells)
        }
    }

    /// Every test by its names, with and without its target. A function counts for all types that
    /// its file declares: a table of cases may stand between a suite and its tests.
    private static func tests() throws -> Set<String> {
        let folder = Package.root.appending(path: "Tests")
        let below = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var names: Set<String> = []
        for case let file as URL in below ?? .init() where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let parts = file.path().dropFirst(folder.path().count).split(separator: "/")
            let target = try #require(parts.first)
            let types = text.matches(of: /\b(?:struct|class|extension) (\w+)/).map(\.1)
            for piece in text.split(separator: "@Test").dropFirst() {
                guard let function = piece.firstMatch(of: /\bfunc (\w+)/)?.1 else { continue }
                for type in types {
                    names.insert("\(type).\(function)")
                    names.insert("\(target)/\(type).\(function)")
                }
            }
        }
        return names
    }

    @Test(
        "every row names tests that exist, or says why there is none",
        arguments: ["security.md", "networking.md"]
    )
    func names(page: String) throws {
        let known = try Self.tests()
        #expect(known.count > 1500)
        for row in try Self.rows(of: page) {
            let last = row.cells.last ?? ""
            let isExplained = last.contains("no test")
            #expect(row.tests.isEmpty == isExplained, "\(row.id)")
            let unknown = row.tests.filter { !known.contains($0) }
            #expect(unknown.isEmpty, "\(row.id)")
        }
    }

    @Test("every part of the sandbox and every attack has one row")
    func complete() throws {
        let attacks = [1...26, 30...43, 50...56, 60...69, 70...90].joined().map { number in
            "B-\(number < 10 ? "0" : "")\(number)"
        }
        #expect(
            try Self.rows(of: "security.md").map { String($0.id) } == (1...8).map { "a.\($0)" }
                + attacks
        )
    }

    @Test("every row of who reaches whom has a number, and none is left out")
    func networks() throws {
        let ids = try Self.rows(of: "networking.md").map { String($0.id) }
        func numbers(_ letter: String, _ count: Int) -> [String] {
            (1...count).map { "\(letter)-\($0 < 10 ? "0" : "")\($0)" }
        }
        #expect(ids == numbers("N", 16) + numbers("P", 15))
    }
}
