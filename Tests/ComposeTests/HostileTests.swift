import Compose
import Foundation
import Synchronization
import TestSupport
import OrderedCollections
import Testing

/// Files made to use up time or memory end with an error at a position, and early.
@Suite("Hostile files")
struct HostileTests {
    @Test("what nobody sees is written as escapes that read as the same value")
    func invisible() throws {
        let hidden = [
            "\u{202E}", "\u{2066}", "\u{200B}", "\u{AD}", "\u{61C}", "\u{7F}",
        ]
        let text =
            "services:\n  a:\n    image: x\n    labels:\n"
            + hidden.enumerated().map { index, mark in
                let escape = "\\U" + String(repeating: "0", count: 8 - hex(mark).count) + hex(mark)
                return "      k\(index): \"a\(escape)b\"\n"
            }.joined()
        let loaded = try load(text)
        for output in [loaded.yaml(), loaded.json()] {
            #expect(!output.unicodeScalars.contains { hidden.contains(String($0)) })
            let again = try load(output)
            #expect(again.project.services["a"]?.labels == loaded.project.services["a"]?.labels)
        }
        let labels = try #require(loaded.project.services["a"]?.labels)
        #expect(Array(labels.values) == hidden.map { "a\($0)b" })
    }

    private func hex(_ mark: String) -> String {
        String(mark.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
    }

    @Test("aliases of aliases are refused before they are walked", arguments: ["&", "<<"])
    func aliasBomb(kind: String) {
        var text = "services: {a: {image: x}}\nx-0: &a0 {k: v, l: w}\n"
        for level in 1...30 {
            let (before, keys) = ("*a\(level - 1)", "abcdefghij")
            let entries = keys.map { "\($0): \(before)" }.joined(separator: ", ")
            text += "x-\(level): &a\(level) "
            text += kind == "<<" ? "{<<: {\(entries)}}\n" : "{\(entries)}\n"
        }
        #expect(
            problems(text).contains("the aliases of this file expand to more than 100000 nodes")
        )
    }

    @Test("aliases of a long text are refused")
    func aliasedText() {
        let long = String(repeating: "x", count: 1 << 20)
        let aliases = String(repeating: "*t, ", count: 100)
        let text = "services: {a: {image: x}}\nx-t: &t \(long)\nx-u: [\(aliases)]\n"
        #expect(problems(text).contains("expand to more than 16 MiB"))
    }

    @Test("an anchor that contains itself is told where it does")
    func cyclicAnchor() {
        #expect(problems("x-a: &a\n  b: *a\n").contains("2:6: the anchor \"a\" contains itself"))
    }

    @Test("10,000 levels of nesting are refused", arguments: ["[", "{a: ", "- "])
    func nesting(open: String) {
        let close = open == "[" ? "]" : open == "- " ? "" : "}"
        let deep =
            String(repeating: open, count: 10_000) + "x" + String(repeating: close, count: 10_000)
        let text = "services: {a: {image: x}}\nx-deep:\n  \(deep)\n"
        #expect(problems(text).contains("nested deeper than 100 levels"))
    }

    @Test("more % lines than anybody writes are refused before they are compared with each other")
    func directives() {
        let text = String(repeating: "%TAG !a! b\n", count: 5000) + "---\nservices: {}\n"
        #expect(problems(text).contains("more than 100 % directives"))
    }

    @Test("of many problems the first 200 are told, the others counted to an end")
    func manyProblems() {
        let keys = (0..<5000).map { "  wrong\($0): 1\n" }.joined()
        let text = problems("services: {a: {image: x}}\n" + keys.replacing("  ", with: ""))
        #expect(text.split(separator: "\n").count == 201)
        #expect(text.hasSuffix("and 4800 more problems"))
    }

    @Test("of very many warnings the first are told, and that there are more")
    func warnings() throws {
        let services = (0..<300).map { "  s\($0): {image: 'x:$V\($0)'}\n" }.joined()
        let warnings = try load("services:\n" + services).warnings
        #expect(warnings.count == 201)
        #expect(warnings.last?.message == "there are more warnings, from here on")
    }

    @Test("a warning of one line is told once, however many services have the line")
    func sharedLine() throws {
        let shared = """
            x-base: &base
              image: x
              cpu_percent: 50
            services:
              a: {<<: *base}
              b: {<<: *base}
              c: {extends: a}
              d:
                image: x
                cpu_percent: 50
            """
        let warnings = try load(shared, options: .test(.run)).warnings
        #expect(warnings.map(\.path) == ["services.a.cpu_percent", "services.d.cpu_percent"])
        #expect(warnings.map(\.position.line) == [3, 10])
    }

    @Test("a message does not repeat megabytes of the file")
    func longMessages() {
        let long = String(repeating: "y", count: 1 << 20)
        let text = problems("services: {a: {image: x, restart: \(long), \"\(long)\": 1}}\n")
        #expect(!text.isEmpty && text.utf8.count < 10_000)
    }

    @Test("files that include the same files, and so on, are refused when they were read once")
    func includeFanOut() {
        var files: [String: String] = [:]
        for level in 0..<30 {
            files["\(level).yaml"] = "include: [\(level + 1).yaml, \(level + 1).yaml]\n"
        }
        files["30.yaml"] = "services: {a: {image: x}}\n"
        let reader = CountingFiles(
            MemoryFiles(files.merging(["compose.yaml": files["0.yaml"] ?? ""]) { $1 })
        )
        var limits = LoadLimits()
        limits.includes = 500
        let error = #expect(throws: ComposeError.self) {
            try ComposeLoader(files: reader, limits: limits).load(.test())
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("more than 500 includes"))
        #expect(reader.count <= 31)
    }

    @Test("a row of includes and of extends has an end")
    func chains() {
        var files: [String: String] = [:]
        for level in 0..<300 { files["\(level).yaml"] = "include: [\(level + 1).yaml]\n" }
        #expect(problems("include: [0.yaml]\n", files: files).contains("100 files include each"))
        let services = (1...20_000).map { "  s\($0): {extends: s\($0 - 1)}\n" }.joined()
        #expect(
            problems("services:\n  s0: {image: x}\n" + services)
                .contains("more than 100 services extend each other")
        )
    }

    @Test("what ranges of ports, includes and extends put together is counted")
    func nodes() {
        var limits = LoadLimits()
        limits.nodes = 200_000
        let ranges = (0..<100).map { _ in "      - 1-60000\n" }.joined()
        let files = MemoryFiles([
            "compose.yaml": "services:\n  a:\n    image: x\n    ports:\n" + ranges
        ]
        )
        let error = #expect(throws: ComposeError.self) {
            try ComposeLoader(files: files, limits: limits).load(.test())
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("too many nodes"))
    }

    @Test("templates in templates have an end")
    func nestedTemplates() {
        let count = 50_000
        let bomb =
            String(repeating: "${A:-", count: count) + "x" + String(repeating: "}", count: count)
        #expect(problems("services: {a: {image: '\(bomb)'}}").contains("nested deeper than 100"))
    }

    @Test("variables that double each other are refused, in env files and in values")
    func variableBomb() {
        var env = "A0=xxxxxxxxxx\n"
        for level in 1...60 { env += "A\(level)=$A\(level - 1)$A\(level - 1)\n" }
        let found = problems("services: {a: {image: x}}", files: [".env": env])
        #expect(found.contains("expand to more text than a project may have"))
        var options = LoadOptions.test(
            environment: ["LONG": String(repeating: "x", count: 1 << 20)]
        )
        options.projectName = "p"
        let uses = String(repeating: "$LONG", count: 1000)
        #expect(
            problems("services: {a: {image: '\(uses)'}}", options: options)
                .contains("expand to more text")
        )
    }

    @Test("an env file is read once for all services, and what it brings is counted")
    func sharedEnvFile() {
        let services = (0..<50).map { "  s\($0): {image: x, env_file: big.env}\n" }.joined()
        let big = "A=" + String(repeating: "x", count: 1 << 16) + "\n"
        let reader = CountingFiles(
            MemoryFiles(["compose.yaml": "services:\n" + services, "big.env": big])
        )
        #expect(throws: Never.self) { try ComposeLoader(files: reader).load(.test()) }
        #expect(reader.count == 2)
        var limits = LoadLimits()
        limits.textBytes = 10 << 16
        #expect(throws: ComposeError.self) {
            try ComposeLoader(files: reader, limits: limits).load(.test())
        }
    }

    @Test("a NUL byte in an env file is told where it is", arguments: ["it.env", ".env"])
    func nul(name: String) {
        let text = "services: {a: {image: x, env_file: [it.env]}}"
        var files = ["it.env": "A=1\n"]
        files[name] = "A=1\nB=\0\n"
        let found = problems(text, files: files)
        #expect(found.contains("\(name):2:3: a NUL byte"))
    }

    @Test(
        "a NUL that an env file spells as an escape is refused there",
        arguments: ["\\0", "\\000"]
    )
    func spelledNUL(escape: String) {
        let text = "services: {a: {image: x, env_file: [it.env]}}"
        let found = problems(text, files: ["it.env": "A=1\nB=\"x\(escape)\"\n"])
        #expect(found.contains("it.env:2:5: a variable cannot hold a NUL character"), "\(found)")
        #expect(problems(text, files: ["it.env": "B=\"x\\041\"\n"]) == "")
    }

    @Test("a message shows what a terminal would act on, and does not send it there")
    func terminal() {
        let found = problems(
            """
            services:
              "\\e]0;PWN\\a\\e[31m\\u202E\\x9b2J": {imag: x}
              web: {init: "\\e[2J", ports: ["\\e[1m"], image: "${X:?\u{202E}no}"}
            """
        )
        #expect(found.contains(#"\e]0;PWN\x07\e[31m\u{202E}\x9B2J"#), "\(found)")
        let sent = found.unicodeScalars.filter {
            $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202E}")
        }
        #expect(sent.isEmpty, "\(found)")
    }

    @Test("files beyond every size are refused", arguments: ["compose.yaml", "it.env"])
    func size(name: String) {
        let long = "A=" + String(repeating: "#", count: 17 << 20)
        var files = ["compose.yaml": "services: {a: {image: x, env_file: [it.env]}}", "it.env": ""]
        files[name] = long
        let error = #expect(throws: ComposeError.self) {
            try ComposeLoader(files: MemoryFiles(files)).load(.test())
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("larger than 16 MiB"))
    }

    @Test("a million documents, and a million keys of an extension, are no problem")
    func many() throws {
        let documents = String(repeating: "--- {}\n", count: 20_000)
        #expect(problems(documents + "---\nservices: {a: {image: x}}\n").isEmpty)
        let keys = (0..<50_000).map { "  k\($0): 1\n" }.joined()
        let loaded = try load("services: {a: {image: x}}\nx-many:\n" + keys)
        #expect(loaded.yaml().contains("\n  k49999: 1\n"))
    }
}

/// Counts what is read.
final class CountingFiles: FileReader {
    private let files: MemoryFiles
    private let reads = Mutex(0)

    init(_ files: MemoryFiles) { self.files = files }

    /// Files read so far.
    var count: Int { reads.withLock { $0 } }

    func kind(of path: String) -> FileKind? { files.kind(of: path) }

    func read(_ path: String) throws(FileReadError) -> [UInt8] {
        reads.withLock { $0 += 1 }
        return try files.read(path)
    }

    func homeDirectory(ofUser name: String) -> String? { nil }
}
