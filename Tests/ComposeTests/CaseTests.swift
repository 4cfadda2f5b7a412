import Compose
import Foundation
import TestSupport
import Testing

/// The cases in `Cases`: compose files of our own, and what docker compose makes of them, as
/// `scripts/record-cases` recorded it. They show on any clone what berth has in common with it.
@Suite("cases recorded from docker compose")
struct CaseTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Cases")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path())
        return (files ?? []).filter { $0.hasSuffix(".case") }.sorted()
    }()

    @Test("there are cases of both kinds")
    func present() {
        #expect(Self.names.count { $0.hasPrefix("error-") } >= 10)
        #expect(Self.names.count { !$0.hasPrefix("error-") } >= 20)
    }

    @Test("config prints what docker compose prints, and refuses what it refuses", arguments: names)
    func answers(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let parts = Self.sections(of: text)
        var environment = ["HOME": "/home/berth"]
        for line in (parts["env"] ?? "").split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(pair[0])] = String(pair[1])
        }
        var options = LoadOptions.test(environment: environment)
        var words = (parts["arguments"] ?? "").split { $0.isWhitespace }.map(String.init)[...]
        while let word = words.popFirst() {
            let next = words.popFirst()
            let value = try #require(next, "\(word) has no value")
            switch word {
            case "-f": options.files.append(value)
            case "--profile": options.profiles.append(value)
            default: Issue.record("\(name) has the argument \(word), which this test does not know")
            }
        }
        let files = MemoryFiles(parts.filter { $0.key.contains(".") })
        if let place = parts["error"] {
            let error = #expect(throws: ComposeError.self) {
                try ComposeLoader(files: files).load(options)
            }
            let expected = place.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(
                error.map { "\($0)".contains(expected) } == true,
                "\(error.map { "\($0)" } ?? "")"
            )
        } else {
            let expected = try #require(parts["config"], "\(name) was not recorded")
            #expect(try ComposeLoader(files: files).load(options).yaml() == expected)
        }
    }

    /// What is between lines like `-- compose.yaml --`, by the name in them.
    private static func sections(of text: String) -> [String: String] {
        var sections: [String: String] = [:]
        var name: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("-- "), line.hasSuffix(" --") {
                name = String(line.dropFirst(3).dropLast(3))
                sections[name ?? ""] = ""
            } else if let name {
                sections[name, default: ""] += line + "\n"
            }
        }
        return sections
    }
}
