import Foundation
import TestSupport
import Testing

@testable import Builder

@Suite("Dockerfile grammar", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct DockerfileGrammarTests {
    @Test("reads whole files into the expected trees")
    func trees() throws {
        var tally = Tally("testfiles")
        let folder = try Corpus.url("dockerfile/testfiles")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let one = folder.appendingPathComponent(name)
            let text = try String(
                decoding: Data(contentsOf: one.appendingPathComponent("Dockerfile")),
                as: UTF8.self
            )
            let expected = try String(
                decoding: Data(contentsOf: one.appendingPathComponent("result")),
                as: UTF8.self
            )
            do {
                let dump = try Dockerfile.nodes(of: text).map { "(\($0.dump))\n" }.joined()
                tally.check(dump == expected, "\(name):\n\(dump)")
            } catch {
                tally.check(false, "\(name): \(error)")
            }
        }
        tally.report()
    }

    @Test("refuses the files that are wrong")
    func negative() throws {
        var tally = Tally("testfiles-negative")
        let folder = try Corpus.url("dockerfile/testfiles-negative")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let text = try String(
                decoding: Data(
                    contentsOf: folder.appendingPathComponent(name + "/Dockerfile")
                ),
                as: UTF8.self
            )
            tally.check((try? Dockerfile.nodes(of: text)) == nil, name)
        }
        tally.report()
    }

    @Test("knows the lines of every instruction")
    func lines() throws {
        struct Lines: Decodable {
            struct Tree: Decodable {
                var start: Int
                var end: Int
            }
            var ast: Tree
            var children: [[Int]]
        }
        let expected = try Corpus.read(Lines.self, "dockerfile/testfile-line/lines.json")
        let text = try String(
            decoding: Data(contentsOf: Corpus.url("dockerfile/testfile-line/Dockerfile")),
            as: UTF8.self
        )
        let nodes = try Dockerfile.nodes(of: text)
        #expect(nodes.map { [$0.lines.lowerBound, $0.lines.upperBound] } == expected.children)
    }

    @Test("splits words and keeps their quotes")
    func words() throws {
        struct Case: Decodable {
            var input: String
            var expected: [String]
        }
        var tally = Tally("parse-words")
        for one: Case in try Corpus.cases("dockerfile/parse-words.json") {
            tally.check(Words.split(one.input) == one.expected, one.input)
        }
        tally.report()
    }

    @Test("only an array of strings is the exec form")
    func execForm() throws {
        struct Case: Decodable {
            var input: String
            var valid: Bool
            var expected: [String]?
        }
        var tally = Tally("json-form")
        for one: Case in try Corpus.cases("dockerfile/json-form.json") {
            tally.check(
                JSONForm.strings(of: one.input) == (one.valid ? one.expected : nil),
                one.input
            )
        }
        tally.report()
    }

    @Test("finds the directives at the top")
    func directives() throws {
        struct Case: Decodable {
            var dockerfile: String
            var syntax: String?
            var check: String?
            var cmdline: String?
            var line: Int?
        }
        var tally = Tally("directives")
        for one: Case in try Corpus.cases("dockerfile/directives.json") {
            let found = try Directives(of: one.dockerfile, file: "Dockerfile")
            let value = found.syntax ?? found.check
            tally.check(
                found.syntax?.value == one.syntax && found.check?.value == one.check
                    && one.cmdline.map { $0 == value?.full } ?? true
                    && one.line.map { $0 == value?.line } ?? true,
                "\(one.dockerfile) → \(found)"
            )
        }
        tally.report()
    }
}

@Suite("Here-documents", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct HeredocTests {
    @Test("takes the bodies out of a whole file")
    func extraction() throws {
        struct Body: Decodable, Equatable {
            var name: String
            var content: String
            var expand: Bool
            var chomp: Bool
            var fd: Int
        }
        struct File: Decodable {
            var dockerfile: String
            var expected: [[Body]?]
        }
        let file = try Corpus.read(File.self, "dockerfile/heredoc-extract.json")
        let nodes = try Dockerfile.nodes(of: file.dockerfile).dropFirst()
        var tally = Tally("heredoc-extract")
        #expect(nodes.count == file.expected.count)
        for (node, expected) in zip(nodes, file.expected) {
            let found = node.heredocs.map {
                Body(
                    name: $0.name,
                    content: $0.content,
                    expand: $0.expands,
                    chomp: $0.stripsTabs,
                    fd: $0.fileNumber
                )
            }
            tally.check(found == expected ?? [], "\(node.text) → \(node.heredocs)")
        }
        tally.report()
    }

    @Test("tells openers from other words")
    func openers() throws {
        struct Case: Decodable {
            var word: String?
            var kind: String?
            var name: String?
            var line: String?
            var names: [String]?
        }
        var tally = Tally("heredoc-words")
        for one: Case in try Corpus.cases("dockerfile/heredoc-words.json") {
            if let line = one.line {
                let names = Heredoc.opened(in: line).map(\.name)
                tally.check(names == one.names, "\(line) → \(names)")
            } else if let word = one.word {
                do {
                    let heredoc = try Heredoc(opening: word)
                    tally.check(
                        one.kind != "error" && heredoc?.name == one.name,
                        "\(word) → \(heredoc?.name ?? "nothing")"
                    )
                } catch {
                    tally.check(one.kind == "error", "\(word) threw \(error)")
                }
            }
        }
        tally.report()
    }

    @Test("gives bodies to COPY and RUN")
    func instructions() throws {
        struct Content: Decodable {
            var Path: String
            var Data: String
            var Expand: Bool
        }
        struct Copied: Decodable {
            var DestPath: String
            var SourcePaths: [String]?
            var SourceContents: [Content]?
        }
        struct Body: Decodable {
            var Name: String
            var Data: String
        }
        struct Case: Decodable {
            var dockerfile: String
            var sourcesAndDest: Copied?
            var command: [String]?
            var files: [Body]?
            var shell: Bool?
        }
        var tally = Tally("heredoc-instructions")
        for one: Case in try Corpus.cases("dockerfile/heredoc-instructions.json") {
            let node = try #require(try Dockerfile.nodes(of: one.dockerfile).first)
            switch try Instruction(node) {
            case .copy(let copy):
                let contents = one.sourcesAndDest?.SourceContents ?? []
                tally.check(
                    copy.destination == one.sourcesAndDest?.DestPath
                        && copy.sources == one.sourcesAndDest?.SourcePaths ?? []
                        && copy.inlineFiles.map(\.name) == contents.map(\.Path)
                        && copy.inlineFiles.map(\.text) == contents.map(\.Data)
                        && copy.inlineFiles.map(\.expands) == contents.map(\.Expand),
                    "\(copy)"
                )
            case .run(.exec(let words), _):
                tally.check(words == one.command && one.shell == false, "\(words)")
            case .run(.script(let text, _), _):
                tally.check(
                    text == one.files?.map(\.Data).joined() && one.shell == true,
                    text
                )
            case let other: tally.check(false, "\(other)")
            }
        }
        tally.report()
    }
}

extension InstructionNode {
    /// The node as an s-expression, in the notation of the expected files.
    fileprivate var dump: String {
        let flags = flags.isEmpty ? [] : ["[\(flags.map(Self.quoted).joined(separator: " "))]"]
        return ([keyword.lowercased()] + flags + Self.words(arguments)).joined(separator: " ")
    }

    private static func words(_ arguments: Arguments) -> [String] {
        switch arguments {
        case .none: []
        case .text(let text): [quoted(text)]
        case .words(let words), .strings(let words): words.map(quoted)
        case .pairs(let pairs, let legacy):
            pairs.flatMap { [quoted($0.name), quoted($0.value), quoted(legacy ? "" : "=")] }
        case .typed(let type, let inner): [quoted(type)] + words(inner)
        case .instruction(let node): ["(\(node.dump))"]
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
