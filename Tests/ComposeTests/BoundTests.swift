import Compose
import TestSupport
import Testing

/// What a project may ask for has an end, far above what anybody writes, and an error says which.
@Suite("Bounds of a load")
struct BoundTests {
    struct Mistake: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var text: String

        init(_ name: String, _ text: String) { (testDescription, self.text) = (name, text) }
    }

    /// Files with 20,000 of one mistake, each.
    static let mistakes: [Mistake] = [
        Mistake("unknown key", row("services: {a: {image: x}}\n") { "wrong\($0): 1\n" }),
        Mistake(
            "key of a service",
            row("services:\n  a:\n    image: x\n") { "    wrong\($0): 1\n" }
        ),
        Mistake("doubled key", row("x-a:\n") { _ in "  k: 1\n" }),
        Mistake("key that is no text", row("x-a:\n") { _ in "  1: 1\n" }),
        Mistake("unknown anchor", row("x-a:\n") { "  - *a\($0)\n" }),
        Mistake("template", row(labels) { "      l\($0): \"${}\"\n" }),
        Mistake(
            "empty element",
            row("services:\n  a:\n    image: x\n    dns:\n") { _ in "      -\n" }
        ),
        Mistake(
            "port",
            row("services:\n  a:\n    image: x\n    ports:\n") { "      - \"x:y\($0)\"\n" }
        ),
        Mistake("no image", row("services:\n") { "  s\($0): {}\n" }),
        Mistake("network", row("services:\n") { "  s\($0): {image: x, networks: [n\($0)]}\n" }),
        Mistake("volume", row("services:\n") { "  s\($0): {image: x, volumes: ['v\($0):/a']}\n" }),
        Mistake(
            "dependency",
            row("services:\n") { "  s\($0): {image: x, depends_on: [t\($0)]}\n" }
        ),
        Mistake("restart policy", row("services:\n") { "  s\($0): {image: x, restart: r}\n" }),
        Mistake(
            "container name",
            row("services:\n") { "  s\($0): {image: x, container_name: cc}\n" }
        ),
        Mistake("env file", row(envFiles) { "      - e\($0).env\n" }),
        Mistake("base", row("services:\n") { "  s\($0): {extends: b\($0)}\n" }),
    ]

    private static let labels = "services:\n  a:\n    image: x\n    labels:\n"
    private static let envFiles = "services:\n  a:\n    image: x\n    env_file:\n"

    private static func row(_ start: String, _ line: (Int) -> String) -> String {
        start + (0..<20_000).map(line).joined()
    }

    @Test("very many mistakes of one kind are not even counted to their end", arguments: mistakes)
    func cut(_ mistake: Mistake) throws {
        let error = #expect(throws: ComposeError.self) { try loadText(mistake.text) }
        #expect(error?.problems.count == 200)
        #expect(error?.omitted == 10_000)
        let end = "and more than 10000 more problems: loading stopped there"
        #expect(error?.description.hasSuffix(end) == true)
    }

    /// A limit made small, what goes beyond it, and what is said.
    struct Bound: CustomTestStringConvertible, Sendable {
        var limit: @Sendable (inout LoadLimits) -> Void
        var text: String
        var message: String
        var files: [String: String] = [:]

        var testDescription: String { message }
    }

    static let bounds: [Bound] = [
        Bound(
            limit: { $0.documents = 3 },
            text: "---\nservices: {a: {image: x}}\n--- {}\n--- {}\n--- {}\n",
            message: "compose.yaml:5:1: the file has more than 3 documents"
        ),
        Bound(
            limit: { $0.anchors = 2 },
            text: "x-a: [&a 1, &b 2, &b 3]\nservices: {a: {image: x}}\n",
            message: "compose.yaml:1:19: the file has more than 2 anchors"
        ),
        Bound(
            limit: { $0.scalarBytes = 2048 },
            text: "services: {a: {image: \(String(repeating: "x", count: 2049))}}\n",
            message: "compose.yaml:1:23: a text of more than 2 KiB"
        ),
        Bound(
            limit: { $0.fileNodes = 12 },
            text: "services: {a: {image: x}}\nx-a: [1, 2, 3, 4, 5, 6, 7, 8]\n",
            message: "the file is too long: it has more than 12 values"
        ),
        Bound(
            limit: { $0.fileNodes = 30 },
            text: """
                x-a: {<<: {<<: {<<: {<<: {a: 1, b: 2, c: 3, d: 4, e: 5}}}}}
                services: {a: {image: x}}
                """,
            message: "the merge keys put together too many values"
        ),
        Bound(
            limit: { $0.elements = 3 },
            text: "services: {a: {image: x}}\nx-a: [1, 2, 3, 4]\n",
            message: "compose.yaml:2:16: this list has more than 3 elements"
        ),
        Bound(
            limit: { $0.elements = 3 },
            text: "services: {a: {image: x}}\nx-a: {a: 1, b: 2, c: 3, d: 4}\n",
            message: "compose.yaml:2:25: this mapping has more than 3 elements"
        ),
        Bound(
            limit: { $0.services = 2 },
            text: "services: {a: {image: x}, b: {image: x}, c: {image: x}}\n",
            message: "compose.yaml:1:1: services: 3 services in one file: no more than 2 are loaded"
        ),
        Bound(
            limit: { $0.namedFiles = 2 },
            text: "services: {a: {image: x, env_file: [{path: b, required: false}, c, d]}}\n",
            message: "more than 2 env and label files are named",
            files: ["c": "A=1\n", "d": "B=1\n"]
        ),
        Bound(
            limit: { $0.fileVariables = 2 },
            text: "services: {a: {image: x, env_file: it.env}}\n",
            message: "it.env:4:1: the env file has more than 2 variables",
            files: ["it.env": "A=1\n# three\nB=2\nC=3\n"]
        ),
        Bound(
            limit: { $0.variables = 3 },
            text: """
                services:
                  a: {image: x, env_file: it.env}
                  b: {image: x, env_file: it.env}
                  c: {image: x, env_file: it.env}
                """,
            message: "the env files bring more than 3 variables",
            files: ["it.env": "A=1\nB=2\n"]
        ),
        Bound(
            limit: { $0.nodes = 25 },
            text: """
                services:
                  a: {image: x, depends_on: [b, c, d, e]}
                  b: {image: x}
                  c: {image: x}
                  d: {image: x}
                  e: {image: x}
                """,
            message: "the files of this project expand to too many nodes"
        ),
    ]

    @Test("each limit is an error that says which", arguments: bounds)
    func limit(_ bound: Bound) throws {
        var files = bound.files
        files["compose.yaml"] = bound.text
        #expect(throws: Never.self) { try ComposeLoader(files: MemoryFiles(files)).load(.test()) }
        var limits = LoadLimits()
        bound.limit(&limits)
        let error = #expect(throws: ComposeError.self) {
            try ComposeLoader(files: MemoryFiles(files), limits: limits).load(.test())
        }
        let text = error?.description ?? ""
        #expect(text.contains(bound.message), "\(text)")
        // Told once, and nothing that only follows from it.
        #expect(error?.problems.count == 1, "\(text)")
    }

    @Test("ten thousand services are no problem")
    func services() throws {
        let text = "services:\n" + (0..<10_000).map { "  s\($0): {image: x}\n" }.joined()
        #expect(try load(text).yaml().contains("\n  s9999:\n    image: x\n"))
    }

    @Test("a service that names many env files has those of its own beneath the project's .env")
    func copies() throws {
        let env = (0..<2000).map { "V\($0)=1\n" }.joined()
        let services = (0..<20).map { "  s\($0): {image: x, env_file: e, environment: [A=$V1]}\n" }
        var limits = LoadLimits()
        limits.variables = 20_000
        let files = MemoryFiles([
            ".env": env, "e": "B=1\n", "compose.yaml": "services:\n" + services.joined(),
        ])
        let error = #expect(throws: ComposeError.self) {
            try ComposeLoader(files: files, limits: limits).load(.test())
        }
        #expect(error?.description.contains("more than 20000 variables") == true)
    }
}
