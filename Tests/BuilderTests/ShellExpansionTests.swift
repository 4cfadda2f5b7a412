import TestSupport
import Testing

@testable import Builder

@Suite("Shell expansion")
struct ShellExpansionTests {
    @Test(
        "expands every word of the table",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func words() throws {
        struct Case: Decodable {
            var line: Int
            var platform: String
            var input: String
            var expected: String?
            var error: Bool
        }
        let values = ["PWD": "/home", "SHELL": "bash", "KOREAN": "한국어", "NULL": ""]
        var tally = Tally("shell-env-expansion")
        for one: Case in try Corpus.cases("dockerfile/shell-env-expansion.json")
        where one.platform != "W" {
            do {
                let word = try ShellExpansion().expand(one.input) { values[$0] }.word
                tally.check(
                    !one.error && word == one.expected,
                    "\(one.line): \(one.input) → \(word)"
                )
            } catch {
                tally.check(one.error, "\(one.line): \(one.input) threw \(error)")
            }
        }
        tally.report()
    }

    @Test(
        "splits at blanks that are not quoted",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func splitting() throws {
        struct Case: Decodable {
            var line: Int
            var env: [String]
            var input: String
            var expected: [String]?
            var error: Bool
        }
        var tally = Tally("shell-words")
        for one: Case in try Corpus.cases("dockerfile/shell-words.json") {
            var values: [String: String] = [:]
            for pair in one.env {
                let parts = pair.split(separator: "=", maxSplits: 1)
                values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            }
            do {
                let words = try ShellExpansion().expand(one.input) { values[$0] }.words
                tally.check(!one.error && words == one.expected, "\(one.line): \(words)")
            } catch {
                tally.check(one.error, "\(one.line): \(one.input) threw \(error)")
            }
        }
        tally.report()
    }

    @Test(
        "carries out every modifier and remembers the names",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func modifiers() throws {
        struct Case: Decodable {
            var input: String
            var env: [String: String]
            var expected: String?
            var error: Bool
            var error_contains: String?
            var matched: [String]?
            var unmatched: [String]?
        }
        var tally = Tally("shell-modifiers")
        for one: Case in try Corpus.cases("dockerfile/shell-modifiers.json") {
            do {
                let result = try ShellExpansion().expand(one.input) { one.env[$0] }
                let named =
                    one.matched.map { Set($0) == result.found } ?? true
                    && one.unmatched.map { Set($0) == result.missing } ?? true
                tally.check(
                    !one.error && result.word == one.expected && named,
                    "\(one.input) → \(result)"
                )
            } catch {
                let expected = one.error_contains.map { error.description.contains($0) } ?? true
                tally.check(one.error && expected, "\(one.input) threw \(error)")
            }
        }
        tally.report()
    }

    @Test(
        "reads patterns as the table's regular expressions",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func patterns() throws {
        struct Case: Decodable {
            var pattern: String?
            var regex_greedy_anchored: String?
            var error: Bool?
        }
        var tally = Tally("shell-patterns")
        for one: Case in try Corpus.cases("dockerfile/shell-patterns.json") {
            guard let pattern = one.pattern else { continue }
            do {
                let text = try "^" + ShellPattern(pattern).tokens.map(Self.expression).joined()
                tally.check(text == one.regex_greedy_anchored, "\(pattern) → \(text)")
            } catch {
                tally.check(one.error == true, "\(pattern) threw \(error)")
            }
        }
        tally.report()
    }

    private static func expression(_ token: ShellPattern.Token) -> String {
        switch token {
        case .any: ".*"
        case .one: "."
        case .literal(let scalar):
            "\\*?[]{}.+()|^$".unicodeScalars.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
        }
    }

    @Test(
        "trims from the end",
        arguments: [
            ("${V%.*}", "a.b"), ("${V%%.*}", "a"), ("${V#*.}", "b.c"), ("${V##*.}", "c"),
            ("${V%x}", "a.b.c"), ("${V/./-}", "a-b.c"), ("${V//./-}", "a-b-c"),
        ]
    )
    func trims(text: String, expected: String) throws {
        #expect(try ShellExpansion().expand(text) { $0 == "V" ? "a.b.c" : nil }.word == expected)
    }

    @Test("a backtick can be the escape character")
    func backtick() throws {
        let shell = ShellExpansion(escape: "`")
        #expect(try shell.expand("`$A \\x") { _ in "v" }.word == "$A \\x")
    }

    @Test("refuses what is nested without end or grows without end")
    func limits() {
        let nested = String(repeating: "${a:-", count: 10_000)
        #expect(throws: ShellExpansionError.self) {
            try ShellExpansion().expand(nested) { _ in nil }
        }
        let large = String(repeating: "x", count: 1 << 19)
        #expect(throws: ShellExpansionError.self) {
            try ShellExpansion().expand("$A$A$A") { _ in large }
        }
    }

    @Test("a pattern of many wildcards takes no time")
    func hostilePattern() throws {
        let value = String(repeating: "a", count: 20_000)
        let pattern = String(repeating: "*a", count: 20) + "b"
        let result = try ShellExpansion().expand("${V#\(pattern)}") { _ in value }
        #expect(result.word == value)
    }
}
