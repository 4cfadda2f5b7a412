import ArgumentParser
import Foundation
import Testing

@testable import berth

@Suite("names of commands")
struct CommandNamesTests {
    private static let package = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What stands behind `berth ` in backquotes, up to the first thing that is no plain word.
    private func quotedCommands(in text: String) -> [[String]] {
        text.matches(of: /`berth ([^`\n]+)`/).map { match in
            match.1.split(separator: " ").map(String.init)
                .prefix { $0.wholeMatch(of: /[a-z]+/) != nil }.map(\.self)
        }
    }

    @Test("every command that a message, the README or the documentation names exists")
    func namedCommandsExist() throws {
        var seen = 0
        for folder in ["Sources", "docs", "README.md"] {
            let root = Self.package.appending(path: folder)
            let below = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
            let files = folder == "README.md" ? [root] : below?.compactMap { $0 as? URL } ?? []
            for file in files where ["swift", "md", "1"].contains(file.pathExtension) {
                // What was decided once may name what is no more.
                guard !file.path.contains("/docs/decisions/") else { continue }
                for words in quotedCommands(in: try String(contentsOf: file, encoding: .utf8)) {
                    seen += 1
                    #expect(throws: Never.self, "\(file.lastPathComponent): \(words)") {
                        try UnknownCommand.check(words)
                    }
                }
            }
        }
        #expect(seen > 20)
    }

    @Test(
        "a command that does not exist is told with what is near, or with docker compose's having it",
        arguments: [
            (
                ["alpha", "viz"],
                "docker compose has `alpha`; berth does not: experiments of docker's"
            ),
            (
                ["help", "bridge"],
                "docker compose has `bridge`; berth does not: needs docker's transformation images"
            ),
            (["strat"], "berth has no command `strat`; did you mean `berth start`?"),
            (["help", "qqqqqq"], "berth has no command `qqqqqq`; see `berth --help`"),
            (
                ["system", "chekc"],
                "berth system has no command `chekc`; did you mean `berth system check`?"
            ),
        ]
    )
    func unknown(words: [String], message: String) throws {
        let failure = #expect(throws: Failure.self) { try UnknownCommand.check(words) }
        #expect(failure?.description == message)
        #expect(failure?.exitCode == 1)
    }

    @Test(
        "commands, their help and their arguments are let through",
        arguments: [
            ["up", "nosuch"], ["help"], ["help", "up"], ["help", "system", "check"], ["--help"],
            ["system"], ["system", "help"], [], ["exec", "web", "kill"], ["rmi", "x"],
        ]
    )
    func known(words: [String]) throws {
        try UnknownCommand.check(words)
    }

    @Test(
        "flags and options take values as Go's do",
        arguments: [
            (["up", "--detach=true"], ["up", "--detach"]),
            (["up", "-d=1", "web"], ["up", "-d", "web"]),
            (["up", "--detach=false", "--build=T"], ["up", "--build"]),
            (["ps", "--file=true", "--all=0"], ["ps", "--file=true"]),
            (["logs", "--tail", "--follow=true"], ["logs", "--tail=--follow=true"]),
            (["down", "-t0"], ["down", "--timeout=0"]),
            (["up", "-dt0", "web"], ["up", "-d", "--timeout=0", "web"]),
            (["stop", "-t", "-1"], ["stop", "--timeout=-1"]),
            (["logs", "-fn5"], ["logs", "-f", "--tail=5"]),
            (["exec", "-it", "web", "-t0"], ["exec", "-i", "-t", "web", "-t0"]),
            (
                ["exec", "-uroot", "-w/etc", "web", "id"],
                ["exec", "--user=root", "--workdir=/etc", "web", "id"]
            ),
            (["exec", "-T=true", "web", "x", "-T=true"], ["exec", "-T", "web", "x", "-T=true"]),
            (
                ["exec", "--user", "me", "web", "--no-tty=1"],
                ["exec", "--user", "me", "web", "--no-tty=1"]
            ),
            (["up", "--", "--detach=true"], ["up", "--", "--detach=true"]),
            (["up", "--detach=maybe"], ["up", "--detach=maybe"]),
        ]
    )
    func truth(words: [String], expected: [String]) throws {
        #expect(try GoFlags.normalised(words, below: Berth.self) == expected)
    }

    @Test("states that `ps --status` does not know are refused with the words that it knows")
    func status() throws {
        let error = #expect(throws: (any Error).self) {
            try Ps.parse(["--status", "foo"])
        }
        let told = error.map { Ps.message(for: $0) } ?? ""
        let words = "one of paused, restarting, removing, running, dead, created, exited, not foo"
        #expect(told.contains(words))
        #expect(try Ps.parse(["--status", "exited"]).status == ["exited"])
    }
}
