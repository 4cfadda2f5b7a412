import Compose
import TestSupport
import Testing

/// What `config` prints beside the whole.
@Suite("Listings")
struct ListingTests {
    private static let text = """
        services:
          web: {image: "w:${TAG:-1}", build: ., scale: 2, deploy: {replicas: 2}, depends_on: [db]}
          db: {image: "${DB?name it}", environment: {A: "${B:+x y}"}}
        models: {m: {model: ai/small}, n: {model: ai/big}}
        """

    private func load(_ change: (inout LoadOptions) -> Void = { _ in }) throws -> LoadedProject {
        var options = LoadOptions.test(environment: ["DB": "d@"])
        change(&options)
        return try loadText(Self.text, options: options)
    }

    @Test("variables as docker prints them")
    func variables() throws {
        let files = MemoryFiles(["compose.yaml": Self.text])
        let found = try ComposeLoader(files: files).variables(.test())
        #expect(
            VariableListing.rows(found) == [
                ["B", "false", "", "x y"], ["DB", "true", "", ""], ["TAG", "false", "1", ""],
            ]
        )
        #expect(
            VariableListing.json(Array(found.suffix(1))) == """
                {
                    "TAG": {
                        "Name": "TAG",
                        "DefaultValue": "1",
                        "PresenceValue": "",
                        "Required": false
                    }
                }

                """
        )
        #expect(
            VariableListing.yaml(Array(found.suffix(1))) == """
                TAG:
                    name: TAG
                    defaultvalue: "1"
                    presencevalue: ""
                    required: false

                """
        )
        #expect(VariableListing.json([]) == "{}\n")
    }

    @Test("the hashed form leaves out what may change while containers stay")
    func hashedForm() throws {
        let loaded = try load()
        let form = String(
            decoding: try #require(loaded.hashedForm(ofService: "web")),
            as: UTF8.self
        )
        #expect(
            form
                == #"{"command":null,"deploy":{"resources":{},"placement":{}},"entrypoint":null,"image":"w:1","networks":{"default":null}}"#
        )
        #expect(loaded.hashedForm(ofService: "none") == nil)
    }

    @Test("models are listed when they are kept")
    func models() throws {
        #expect(
            try load { $0.without.insert(.dropResources) }.modelNames == ["ai/big", "ai/small"]
        )
    }

    @Test("images are pinned, and printed alone for an override file")
    func images() throws {
        var loaded = try load()
        #expect(loaded.imageUses.map(\.image) == ["w:1", "d@"])
        #expect(
            loaded.imageUses[1].problem("is no image").description
                == "compose.yaml:3:15: services.db.image: is no image"
        )
        loaded.replaceImages(["web": "w@sha256:1", "db": "d@sha256:2"])
        loaded.keepOnlyImages()
        #expect(
            loaded.yaml() == """
                services:
                  db:
                    image: d@sha256:2
                  web:
                    image: w@sha256:1

                """
        )
    }
}

@Suite("Places and kinds of problems")
struct ProblemKindTests {
    @Test(
        "the end of the word is found",
        arguments: [
            ("    prots: [1]", 5, 10), ("ports: [ \"a:b\", 70000 ]", 10, 15),
            ("ports: [ \"a:b\", 70000 ]", 17, 22), ("image: a b # c", 8, 11),
            ("image: 'it''s'  ", 8, 12), ("a: x:y", 4, 7), ("a: {b: c, d: e}", 8, 9),
            ("a: \"x\\\"y\" # z", 4, 10), ("a: [", 4, 5),
        ]
    )
    func endColumn(line: String, column: Int, end: Int) {
        var problem = Problem(
            position: Position(file: "f", line: 1, column: column),
            path: "",
            message: ""
        )
        problem.sourceLine = line
        #expect(problem.endColumn == end)
    }

    @Test("nothing is claimed of a line that does not go so far")
    func noEnd() {
        var problem = Problem(
            position: Position(file: "f", line: 1, column: 9),
            path: "",
            message: ""
        )
        #expect(problem.endColumn == nil)
        problem.sourceLine = "short"
        #expect(problem.endColumn == nil)
    }

    @Test(
        "each phase has its kind",
        arguments: [
            ("services: [", Problem.Kind.syntax),
            ("services: {a: {image: \"${\"}}", .interpolation),
            ("services: {a: {imagee: x}}", .form),
            ("include: [none.yaml]\nservices: {a: {image: x}}", .file),
            ("services: {a: {image: x, extends: b}}", .combination),
            ("services: {a: {image: x, depends_on: [b]}}", .reference),
            ("services: {a: {image: x, restart: allways}}", .rule),
            ("services: {a: {image: x, env_file: bad.env}}", .environment),
        ]
    )
    func kinds(text: String, kind: Problem.Kind) {
        let error = #expect(throws: ComposeError.self) {
            _ = try loadText(text, files: ["bad.env": "A B=1"])
        }
        #expect(error?.problems.first?.kind == kind)
    }
}
