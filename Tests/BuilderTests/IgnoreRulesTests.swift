import Testing

@testable import Builder

@Suite("Ignore rules")
struct IgnoreRulesTests {
    private func excludes(_ patterns: [String], _ path: String) throws -> Bool {
        try IgnoreRules(patterns: patterns).judge(path).excluded
    }

    @Test("matches as the table says", .enabled(if: Corpus.isPresent))
    func matches() throws {
        struct Case: Decodable {
            var patterns: [String]
            var path: String
            var match: Bool?
            var error: Bool?
        }
        var tally = Tally("dockerignore-match")
        for one: Case in try Corpus.cases("dockerignore-match.json") {
            do {
                let found = try excludes(one.patterns, one.path)
                tally.check(found == one.match, "\(one.patterns) \(one.path) → \(found)")
            } catch {
                tally.check(one.error == true, "\(one.patterns) threw \(error)")
            }
        }
        tally.report()
    }

    @Test("reads globs as the table says", .enabled(if: Corpus.isPresent))
    func globs() throws {
        struct Case: Decodable {
            var pattern: String
            var path: String
            var match: Bool
            var error: Bool
        }
        var tally = Tally("dockerignore-glob")
        for one: Case in try Corpus.cases("dockerignore-glob.json") {
            do {
                let found = try excludes([one.pattern], one.path)
                tally.check(
                    found == one.match && !one.error,
                    "\(one.pattern) \(one.path) → \(found)"
                )
            } catch {
                tally.check(one.error, "\(one.pattern) threw \(error)")
            }
        }
        tally.report()
    }

    @Test("reads a file as the table says", .enabled(if: Corpus.isPresent))
    func reads() throws {
        struct File: Decodable {
            var content: String
            var expected: [String]
        }
        let file = try Corpus.decode(File.self, "dockerignore-read.json")
        #expect(IgnoreRules.patterns(of: file.content) == file.expected)
    }

    @Test("a lone exclamation mark is an error")
    func loneExclamation() {
        #expect(throws: PathPatternError("illegal exclusion pattern: \"!\"")) {
            try IgnoreRules(parsing: "a\n!\n")
        }
    }

    @Test("knows which excluded directories must still be walked")
    func walking() throws {
        let rules = try IgnoreRules(patterns: ["node_modules", "docs", "!docs/**/*.md"])
        #expect(rules.judge("node_modules") == .init(excluded: true, mayIncludeBeneath: false))
        #expect(rules.judge("docs") == .init(excluded: true, mayIncludeBeneath: true))
        #expect(rules.judge("docs/a/b") == .init(excluded: true, mayIncludeBeneath: true))
        #expect(!rules.judge("docs/a/b.md").excluded)
    }

    @Test("hostile patterns take no time", .timeLimit(.minutes(1)))
    func hostile() throws {
        let path = String(repeating: "a", count: 4_000) + "/" + String(repeating: "b", count: 90)
        let pattern =
            String(repeating: "*a", count: 100) + "/**/" + String(repeating: "?", count: 91)
        #expect(try !excludes([pattern], path))
        let many = (0..<100_000).map { "dir\($0)/*.o" }
        #expect(try excludes(many, "dir99999/x.o"))
    }
}
