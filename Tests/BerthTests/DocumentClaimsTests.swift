import ArgumentParser
import Foundation
import Testing

@testable import berth

/// What the README and the documentation say that can be tried: options, targets of make, links.
@Suite("claims of the documentation")
struct DocumentClaimsTests {
    private static let package = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every document, by its path below the package. What was decided once may name what is no more.
    private static func documents(withDecisions: Bool = false) throws -> [(String, String)] {
        var paths = ["README.md", "CONTRIBUTING.md"]
        for folder in ["docs", "samples"] {
            let below = FileManager.default.enumerator(
                at: package.appending(path: folder),
                includingPropertiesForKeys: nil
            )
            for case let file as URL in below ?? .init() where file.pathExtension == "md" {
                let path = file.resolvingSymlinksInPath().path()
                paths.append(String(path.dropFirst(package.path().count).drop { $0 == "/" }))
            }
        }
        return try paths.filter { withDecisions || !$0.hasPrefix("docs/decisions/") }.sorted()
            .map { path in
                (path, try String(contentsOf: package.appending(path: path), encoding: .utf8))
            }
    }

    /// Command lines of berth: in backquotes, and lines of examples.
    private static func commandLines(in text: String) -> [[String]] {
        let quoted = text.matches(of: /`berth ([^`\n]+)`/).map { String($0.1) }
        let written = text.split(separator: "\n").compactMap { line -> String? in
            let words = line.drop { $0 == " " || $0 == "$" }
            guard words.hasPrefix("berth "), line.first != "b" || !line.contains(". ") else {
                return nil
            }
            return String(words.dropFirst("berth ".count))
        }
        return (quoted + written).map { line in
            line.split(separator: " ").map { word in String(word) }
                .prefix { !["|", "#", ">", "<", "&&", "||", ";", "…"].contains($0) }
                .map(\.self)
        }
    }

    /// The options of a command line that its command does not take, up to another program's words.
    static func unknownOptions(in words: [String]) throws -> [String] {
        let parts = LeadingOptions.parts(of: words)
        var rest = parts.rest
        var type: any ParsableCommand.Type = Berth.self
        while let word = rest.first, let next = type.subcommand(named: word) {
            type = next
            rest.removeFirst()
        }
        // A command that does not exist is for another test.
        guard type != Berth.self, type != Docker.self else { return [] }
        let known = try CommandSpellings(of: type)
        let all = Set(known.options.keys).union(known.flags.keys).union(["-h", "--help"])
        var unknown: [String] = []
        while let word = rest.popFirst(), word != "--" {
            guard word.hasPrefix("-"), word != "-" else {
                if type == Exec.self { break }
                continue
            }
            let name = String(word.prefix { $0 != "=" })
            if known.options[name] != nil, name == word { _ = rest.popFirst() }
            let isCluster =
                !name.hasPrefix("--")
                && name.dropFirst().allSatisfy { all.contains("-\($0)") || $0.isNumber }
            if !all.contains(name), !isCluster { unknown.append(name) }
        }
        return unknown
    }

    @Test("options that a document gives a command exist")
    func options() throws {
        var seen = 0
        for (path, text) in try Self.documents() {
            for words in Self.commandLines(in: text)
            where words.contains(where: { $0.hasPrefix("-") }) {
                seen += 1
                #expect(try Self.unknownOptions(in: words) == [], "\(path): \(words)")
            }
        }
        #expect(seen > 10)
        #expect(
            try Self.unknownOptions(in: ["-f", "a", "up", "-dx", "--nosuch"]) == [
                "-dx", "--nosuch",
            ]
        )
        #expect(try Self.unknownOptions(in: ["exec", "-T", "web", "ls", "--all"]) == [])
    }

    @Test("targets of make that a document names exist")
    func targets() throws {
        let makefile = try String(
            contentsOf: Self.package.appending(path: "Makefile"),
            encoding: .utf8
        )
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
        #expect(targets.count > 8)
        var seen: Set<String> = []
        for (path, text) in try Self.documents() {
            let named =
                text.matches(of: /`(?:sudo )?make ([a-z-]+)[^`]*`/).map { String($0.1) }
                + text.matches(of: /(?m)^\$? *(?:sudo )?make ([a-z-]+)/).map { String($0.1) }
            for target in named {
                seen.insert(target)
                #expect(targets.contains(target), "\(path): make \(target)")
            }
        }
        #expect(seen.contains("demo"))
        // And none is secret.
        #expect(targets.subtracting(seen) == [])
    }

    @Test("links and paths in documents lead to what is there")
    func links() throws {
        var seen = 0
        for (path, text) in try Self.documents(withDecisions: true) {
            let folder = Self.package.appending(path: path).deletingLastPathComponent()
            let links = text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
                .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
            for link in links {
                seen += 1
                let parts = link.split(
                    separator: "#",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                let target =
                    parts[0].isEmpty
                    ? Self.package.appending(path: path) : folder.appending(path: String(parts[0]))
                #expect(FileManager.default.fileExists(atPath: target.path()), "\(path): \(link)")
                guard parts.count == 2,
                    let content = try? String(contentsOf: target, encoding: .utf8)
                else { continue }
                #expect(Self.anchors(in: content).contains(String(parts[1])), "\(path): \(link)")
            }
            // Paths in backquotes are meant from the package's own folder.
            guard !path.hasPrefix("docs/decisions/") else { continue }
            for match in text.matches(
                of: /`((?:docs|samples|scripts|findings)\/[A-Za-z0-9._\/-]+)`/
            ) {
                seen += 1
                let target = Self.package.appending(path: String(match.1))
                #expect(
                    FileManager.default.fileExists(atPath: target.path()),
                    "\(path): \(match.1)"
                )
            }
        }
        #expect(seen > 10)
        #expect(Self.anchors(in: "## What `up` does, and why\n").contains("what-up-does-and-why"))
    }

    /// What headings are linked by: lower case, blanks as hyphens, without punctuation.
    private static func anchors(in text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
                    .replacing(" ", with: "-")
            }
        )
    }
}
