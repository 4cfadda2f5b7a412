import TestSupport
import Testing

@testable import Builder

@Suite("Ignore rules")
struct IgnoreRulesTests {
    private func excludes(_ patterns: [String], _ path: String) throws -> Bool {
        try IgnoreRules(patterns: patterns).judge(path).excluded
    }

    @Test(
        "matches as the table says",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func matches() throws {
        struct Case: Decodable {
            var patterns: [String]
            var path: String
            var match: Bool?
            var error: Bool?
        }
        var tally = Tally("dockerignore-match")
        for one: Case in try Corpus.cases("dockerfile/dockerignore-match.json") {
            do {
                let found = try excludes(one.patterns, one.path)
                tally.check(found == one.match, "\(one.patterns) \(one.path) → \(found)")
            } catch {
                tally.check(one.error == true, "\(one.patterns) threw \(error)")
            }
        }
        tally.report()
    }

    @Test(
        "reads globs as the table says",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func globs() throws {
        struct Case: Decodable {
            var pattern: String
            var path: String
            var match: Bool
            var error: Bool
        }
        var tally = Tally("dockerignore-glob")
        for one: Case in try Corpus.cases("dockerfile/dockerignore-glob.json") {
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

    @Test(
        "reads a file as the table says",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func reads() throws {
        struct File: Decodable {
            var content: String
            var expected: [String]
        }
        let file = try Corpus.read(File.self, "dockerfile/dockerignore-read.json")
        #expect(IgnoreRules.patterns(of: file.content) == file.expected)
    }

    @Test("a lone exclamation mark is an error")
    func loneExclamation() {
        #expect(throws: PathPatternError("illegal exclusion pattern: \"!\"", line: 3)) {
            try IgnoreRules(parsing: "a\n\n!\n")
        }
    }

    @Test("of one pattern with too many wildcards the beginning is shown")
    func hugePattern() throws {
        let pattern = String(repeating: "*a", count: 5_001)
        let error = #expect(throws: PathPatternError.self) { try IgnoreRules(parsing: pattern) }
        #expect(
            error?.description
                == "too many wildcards in one pattern: \(pattern.prefix(400))…"
        )
        let broken = #expect(throws: PathPatternError.self) {
            try IgnoreRules(parsing: pattern + "[")
        }
        #expect(broken?.description == "syntax error in pattern: \(pattern.prefix(400))…")
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

    /// What the rules mean, by asking every one of them in order.
    private func plainly(_ patterns: [String], _ path: String) throws -> IgnoreRules.Verdict {
        var verdict = IgnoreRules.Verdict(excluded: false, mayIncludeBeneath: false)
        for text in patterns {
            let includes = text.hasPrefix("!")
            let pattern = try PathPattern(includes ? String(text.dropFirst()) : text)
            let match = pattern.match(Array(path.unicodeScalars))
            if includes, match.beneath { verdict.mayIncludeBeneath = true }
            if match.path || match.parent { verdict.excluded = !includes }
        }
        return verdict
    }

    @Test("says the same as asking every rule in order", arguments: 0..<40)
    func same(seed: UInt64) throws {
        var random = Numbers(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        let names = ["a", "b", "ab", "é", "a.o"]
        let elements = names + ["*", "**", "*.o", "a*", "?", "[ab]", "a\\*", "**b", "b**"]
        func path(_ parts: [String]) -> String {
            (0...Int.random(in: 0..<4, using: &random))
                .map { _ in parts.randomElement(using: &random) ?? "" }.joined(separator: "/")
        }
        for _ in 0..<20 {
            let patterns = (0..<Int.random(in: 1..<8, using: &random)).map { _ in
                (Bool.random(using: &random) ? "!" : "") + path(elements)
            }
            let rules = try IgnoreRules(patterns: patterns)
            for _ in 0..<60 {
                let path = path(names)
                let expected = try plainly(patterns, path)
                #expect(rules.judge(path) == expected, "\(patterns) \(path)")
            }
        }
    }

    @Test(
        "a hundred thousand patterns cost a path little",
        .timeLimit(.minutes(1)),
        arguments: ["dir/sub%/name", "dir%/*.o", "**/name%", "*/name%", "!keep%/x", "same/*.o"]
    )
    func many(form: String) throws {
        let patterns = (0..<100_000).map { form.replacing("%", with: "\($0)") }
        let rules = try IgnoreRules(patterns: ["dir*"] + patterns)
        for number in 0..<5_000 {
            #expect(!rules.judge("other/place\(number)/file.c").excluded)
        }
        let last = form.replacing("%", with: "99999").replacing("*.o", with: "x.o")
            .replacing("**", with: "deep/er").replacing("*", with: "any")
        #expect(rules.judge(String(last.drop { $0 == "!" })).excluded != last.hasPrefix("!"))
    }

    @Test(
        "too many that have to be tried for the same paths are refused at their line",
        arguments: ["*a%*", "same/*%*", "*%/same"]
    )
    func tooMany(form: String) throws {
        let lines = (0..<20_000).map { form.replacing("%", with: "\($0)") }
        let error = #expect(throws: PathPatternError.self) {
            try IgnoreRules(parsing: "# first\n" + lines.joined(separator: "\n"))
        }
        let found = try #require(error)
        let line = try #require(found.line)
        #expect(found.description.hasPrefix("too many patterns with wildcards"))
        #expect(line > 800 && found.description.contains(": \(lines[line - 2]);"), "\(found)")
        // Those before it are taken.
        _ = try IgnoreRules(patterns: Array(lines[..<(line - 2)]))
    }
}

/// Numbers that are the same each time.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
