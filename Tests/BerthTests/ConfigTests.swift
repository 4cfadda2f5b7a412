import ArgumentParser
import Compose
import Foundation
import TestSupport
import Testing

@testable import berth

@Suite("berth config")
struct ConfigTests {
    /// Loads a file of its own folder, which is gone afterwards.
    private func load(_ text: String) throws -> LoadedProject {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("berth-config-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // A left-over harms nobody.
        try text.write(
            to: folder.appendingPathComponent("compose.yaml"),
            atomically: true,
            encoding: .utf8
        )
        return try ComposeLoader(files: LocalFiles()).load(
            LoadOptions(purpose: .config, workingDirectory: folder.path, environment: [:])
        )
    }

    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test("an image with a digest is written in full, and nobody is asked")
    func pinned() async throws {
        var loaded = try load("services: {a: {image: 'redis@\(Self.digest)'}, b: {build: .}}")
        try await ImageDigests().pin(&loaded)
        loaded.keepOnlyImages()
        #expect(
            loaded.yaml() == """
                services:
                  a:
                    image: docker.io/library/redis@\(Self.digest)
                  b: {}

                """
        )
    }

    @Test("an image that is no name is told at its line")
    func notAName() async throws {
        var loaded = try load("services:\n  a:\n    image: Not A Name\n")
        var problems: [Problem] = []
        do {
            try await ImageDigests().pin(&loaded)
        } catch let error as ComposeError {
            problems = error.problems
        }
        #expect(problems.map(\.position.description) == ["compose.yaml:3:12"])
        #expect(problems.map(\.path) == ["services.a.image"])
        #expect(problems.map(\.kind) == [.registry])
    }

    @Test("the listings take docker's words")
    func listings() throws {
        let loaded = try load(
            """
            services:
              b: {image: x, depends_on: [a], profiles: [p]}
              a: {image: y, volumes: ['vol:/v']}
            volumes: {vol: {}}
            """
        )
        func text(_ words: String...) throws -> String? {
            try ConfigListings.parse(words).text(loaded)
        }
        #expect(try text("--services") == "a\n")
        #expect(try text("--profiles") == "p\n")
        #expect(try text("--volumes") == "vol\n")
        #expect(try text("--images") == "y\n")
        #expect(try text("--models") == "")
        #expect(try text("--environment") == "COMPOSE_PROJECT_NAME=\(loaded.project.name)\n")
        #expect(try text() == nil)
        #expect(try text("--hash", "a") == text("--hash", "*"))
        #expect(throws: Failure.self) { _ = try text("--hash", "a,none") }
    }

    @Test("a format that is none is refused")
    func formats() throws {
        #expect(throws: (any Error).self) { try Config.parse(["--format", "xml"]) }
        #expect(throws: (any Error).self) { try Config.parse(["--format", "table"]) }
        #expect(try Config.parse(["--format", "table", "--variables"]).format == "table")
        #expect(try Config.parse(["--format", "json"]).format == "json")
    }

    @Test(
        "hashes are docker's",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func hashes() throws {
        let folder = try Corpus.url("compose/authored/subcommands")
        var options = LoadOptions(
            purpose: .config,
            workingDirectory: folder.path(),
            environment: [:]
        )
        options.projectName = "proj"
        let loaded = try ComposeLoader(files: LocalFiles()).load(options)
        let expected = try String(
            contentsOf: folder.appending(path: "expected.hash.txt"),
            encoding: .utf8
        )
        #expect(try ConfigListings.parse(["--hash", "*"]).text(loaded) == expected)
    }
}

@Suite("problems as JSON")
struct ProblemDocumentTests {
    private static let nowhere = Position(file: "", line: 0, column: 0)

    private func entries(_ text: String) throws -> [[String: Any]] {
        let root = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let json = try #require(root as? [String: Any])
        #expect(json["version"] as? Int == 1)
        return try #require(json["problems"] as? [[String: Any]])
    }

    @Test("a problem says where, what, and what to do")
    func whole() throws {
        var problem = Problem(
            position: Position(file: "base.yaml", line: 4, column: 5),
            path: "services.web",
            message: "unknown key \"prots\"",
            hint: "did you mean \"ports\"?"
        )
        problem.sourceLine = "    prots: []"
        problem.kind = .form
        problem.route = [.init(.extended, Position(file: "compose.yaml", line: 2, column: 3))]
        var document = ProblemDocument(warnings: [])
        document.add([problem], as: .error)
        let entry = try #require(try entries(document.text).first)
        #expect(entry["severity"] as? String == "error")
        #expect(entry["kind"] as? String == "form")
        #expect(entry["message"] as? String == "unknown key \"prots\"")
        #expect(entry["suggestion"] as? String == "did you mean \"ports\"?")
        #expect(entry["file"] as? String == "base.yaml")
        #expect([entry["line"], entry["column"]].map { $0 as? Int } == [4, 5])
        #expect([entry["endLine"], entry["endColumn"]].map { $0 as? Int } == [4, 10])
        let related = try #require(entry["related"] as? [[String: Any]])
        #expect(related.first?["message"] as? String == "extended from")
        #expect(related.first?["line"] as? Int == 2)
    }

    @Test("a problem of no file has no place, and warnings say so")
    func warning() throws {
        let problem = Problem(position: Self.nowhere, path: "", message: "noticed")
        var document = ProblemDocument(warnings: [problem])
        document.add(message: "no such service: x")
        let found = try entries(document.text)
        #expect(found.map { $0["severity"] as? String } == ["warning", "error"])
        #expect(found[0]["file"] == nil && found[0]["line"] == nil)
        #expect(found[1]["kind"] as? String == "other")
        #expect(try entries(ProblemDocument(warnings: []).text).isEmpty)
    }

    @Test("a failed load becomes one document, with its warnings")
    func failure() throws {
        var report = ProblemReport(isJSON: true)
        report.warn([Problem(position: Self.nowhere, path: "", message: "a")])
        let error = ComposeError(
            problems: [Problem(position: Self.nowhere, path: "", message: "b")],
            warnings: [Problem(position: Self.nowhere, path: "", message: "c")]
        )
        let failure = try #require(report.failure(error) as? Failure)
        let messages = try entries(failure.description).map { $0["message"] as? String }
        #expect(messages == ["a", "c", "b"])
        #expect(failure.exitCode == 1)
    }

    @Test("in words, errors stay as they are")
    func words() {
        let error = ComposeError(problems: [])
        #expect(ProblemReport(isJSON: false).failure(error) as? ComposeError == error)
    }
}
