import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import berth

/// What docker compose and docker have, by their own help, against the commands here.
@Suite("docker's command lines")
struct ReferenceTests {
    private static let package = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func lines(of name: String) throws -> [Substring] {
        let file = package.appending(path: "Tests/BerthTests/Reference/\(name)")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
    }

    /// The spellings that a command of ours takes; nil where there is no such command. Before the
    /// command stand the options that all commands of a project take.
    private static func spellings(of command: String) throws -> Set<String>? {
        guard command != "*" else {
            var common: Set<String>?
            for type in Berth.own where type is any ProjectCommand.Type {
                let known = try CommandSpellings(of: type)
                let all = Set(known.options.keys).union(known.flags.keys)
                common = common?.intersection(all) ?? all
            }
            let short = LeadingOptions.valued.filter { common?.contains($0.value) == true }.keys
            return common?.union(short)
        }
        guard let type = Berth.subcommand(named: command) else { return nil }
        let known = try CommandSpellings(of: type)
        return Set(known.options.keys).union(known.flags.keys)
    }

    private static func table() throws -> String {
        var rows: [String] = []
        var counts = (commands: 0, all: 0, flags: 0, allFlags: 0)
        for command in DockerCompose.commands {
            let known = try spellings(of: command.name)
            var (done, open, refused): ([String], [String], [String]) = ([], [], [])
            for names in command.flags {
                let shown = "`\(names.joined(separator: "`, `"))`"
                if let reason = command.refusals[names.last ?? ""] {
                    refused.append("\(shown): \(reason)")
                } else if known?.isSuperset(of: names) == true {
                    done.append(shown)
                } else {
                    open.append(shown)
                }
            }
            counts.allFlags += command.flags.count
            counts.flags += done.count
            if command.name != "*" { counts.all += 1 }
            if known != nil, command.name != "*" { counts.commands += 1 }
            let state =
                command.refusals[command.name].map { "refused: \($0)" }
                ?? (known == nil ? "not yet" : "carried out")
            let name = command.name == "*" ? "before the command" : "`\(command.name)`"
            rows.append(
                "| \(name) | \(state) | \(done.joined(separator: " ")) | "
                    + "\(open.joined(separator: " ")) | \(refused.joined(separator: "; ")) |"
            )
        }
        let own = Berth.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
        let theirs = Set(DockerCompose.commands.map(\.name))
        return """
            \(counts.commands) of \(counts.all) commands are here, with \(counts.flags) of all \
            \(counts.allFlags) flags.

            | command | berth | flags that are carried out | not yet | refused |
            | --- | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            Commands besides: \(own.filter { !theirs.contains($0) }.map { "`\($0)`" }
                .joined(separator: ", ")).

            """
    }

    @Test("the documentation lists the commands and flags that are here and that are missing")
    func documentation() throws {
        let file = Self.package.appending(path: "docs/command-line.md")
        try Golden(file).compare(
            Self.table(),
            between: "<!-- table: begin -->\n",
            and: "<!-- table: end -->\n"
        )
    }

    @Test("the documentation lists docker's commands and flags, and why some are refused")
    func dockerDocumentation() throws {
        var table = DockerTable()
        let file = Self.package.appending(path: "docs/command-line.md")
        try Golden(file).compare(
            table.text(),
            between: "<!-- docker table: begin -->\n",
            and: "<!-- docker table: end -->\n"
        )
    }

    @Test("what docker compose has is told from words that nobody has")
    func composeWords() throws {
        let names = DockerCompose.commands.map(\.name).filter { $0 != "*" }
        #expect(names.count == 36)
        for name in names where Berth.subcommand(named: name) == nil {
            let failure = #expect(throws: Failure.self) { try UnknownCommand.check([name]) }
            #expect(failure?.description.hasPrefix("docker compose has `\(name)`") == true)
        }
    }

    @Test("a flag of docker compose that is missing is refused by its name, however it is written")
    func missingFlags() throws {
        var (refused, taken) = (0, 0)
        for command in DockerCompose.commands where command.name != "*" {
            guard let known = try Self.spellings(of: command.name) else { continue }
            for flag in command.flags.joined() {
                for words in Self.ways(to: flag) where command.name != "exec" || words[0] != "web" {
                    let line = [command.name, "--file=x"] + words
                    guard !known.contains(flag) else {
                        try MissingFlags.check(line, below: Berth.self)
                        taken += 1
                        continue
                    }
                    #expect(DirectParse.command(line, below: Berth.self) == nil, "\(line)")
                    let failure = #expect(throws: Failure.self) {
                        try MissingFlags.check(line, below: Berth.self)
                    }
                    let told = "berth does not carry out `\(flag)` of `\(command.name)`"
                    let end =
                        failure?.description.hasPrefix("\(told) yet; see ") == true
                        || failure?.description.hasPrefix("\(told): ") == true
                    #expect(end && failure?.exitCode == 1, "\(failure?.description ?? "")")
                    refused += 1
                }
            }
        }
        #expect(refused > 0 && taken > 200)
    }

    /// How a flag may stand on a command line, with a value and without.
    private static func ways(to flag: String) -> [[String]] {
        [["web", flag], [flag, "x"], ["\(flag)=x", "web"]]
    }

    @Test(
        "what is no flag of docker compose's, or another program's, is not refused as missing",
        arguments: [
            ["up", "--no-bild"], ["up", "--", "--menu"], ["up", "--scale", "--menu"],
            ["up", "--menu", "--help"], ["exec", "web", "--menu"], ["ps", "--menu"], ["nothing"],
            ["image", "ls", "--menu"], [],
        ]
    )
    func notMissing(arguments: [String]) throws {
        try MissingFlags.check(arguments, below: Berth.self)
    }

    @Test("every command of docker's is carried out or refused by its name, none is unknown")
    func dockerWords() throws {
        let lines = try Self.lines(of: "docker-28.5.txt")
        #expect(lines.count > 90)
        for line in lines where !["compose", "docker"].contains(line) {
            let words = line.split(separator: " ").map(String.init)
            do {
                _ = try DockerInvocation(words, surroundings: [:])
                var type: any ParsableCommand.Type = Docker.self
                for word in words {
                    let next = type.subcommand(named: word)
                    type = try #require(next, "\(line)")
                }
            } catch let failure as Failure {
                #expect(failure.description.contains("supported"), "\(line): \(failure)")
            }
        }
    }

    @Test("the flags of docker's help are those of the table")
    func dockerFlags() throws {
        let lines = try Self.lines(of: "docker-28.5-flags.txt")
        #expect(lines.count > 50)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let name = words.prefix { !$0.hasPrefix("-") }
            let command = try #require(DockerEngine.command(named: Array(name)), "\(line)")
            let known = Set(command.flags.map { $0.joined(separator: ",") })
            #expect(Set(words.dropFirst(name.count)) == known, "\(command.name)")
        }
    }

    @Test("every flag of docker's is carried out or refused by its name with a reason")
    func dockerFlagsAreKnown() throws {
        for command in DockerEngine.commands where command.refusals[command.name] == nil {
            let names = [command.name, DockerEngine.grouped[command.name]].compactMap(\.self)
            for name in names {
                let known = try #require(try DockerTable.spellings(of: name), "docker \(name)")
                for flag in command.flags.joined() where !known.contains(flag) {
                    let reason = command.refusal(of: flag)
                    let line = name.split(separator: " ").map(String.init) + [flag, "x"]
                    let failure = #expect(throws: Failure.self, "docker \(name) \(flag)") {
                        try MissingFlags.check(line, below: Docker.self)
                    }
                    let told = "berth does not carry out `\(flag)` of `\(command.name)`: "
                    #expect(reason != nil && failure?.description == told + (reason ?? ""))
                    #expect(failure?.exitCode == 125)
                }
            }
        }
    }

    /// Those that the parser takes: attributes of a compose file have them, too, or docker has its own
    /// words for them.
    private static let refusedLater: Set = [
        "--storage-opt", "--use-api-socket", "--config-from", "--config-only", "--ingress",
        "--ipam-opt",
    ]

    @Test("no flag that is said to be refused is taken")
    func refusedFlags() throws {
        for command in DockerEngine.commands where command.refusals[command.name] == nil {
            let known = try #require(try DockerTable.spellings(of: command.name))
            let refused = command.refusals.keys.filter(known.contains)
            #expect(Self.refusedLater.isSuperset(of: refused), "\(command.name) \(refused)")
        }
    }

    @Test("a flag before the image that docker has and berth has not is no image")
    func refusedBeforeImage() {
        for word in ["--kernel-memory", "--cpu-count=3"] {
            let failure = #expect(throws: Failure.self) { try PassThrough.check(word, of: "run") }
            #expect(failure?.description.hasPrefix("berth does not carry out `--") == true)
        }
        let unknown = #expect(throws: Failure.self) { try PassThrough.check("--foo", of: "run") }
        #expect(unknown?.description.hasPrefix("unknown flag: --foo") == true)
    }

    @Test("what follows a mistake shows a command as docker writes it")
    func dockerUsage() throws {
        let lines = try Self.lines(of: "docker-28.5-usage.txt")
        #expect(lines.count > 50)
        for line in lines {
            let words = line.split(separator: " ").dropFirst().map(String.init)
            var name: [String] = []
            for word in words {
                let longer = name + [word]
                guard DockerTable.command(longer.joined(separator: " ")) != nil else { break }
                name = longer
            }
            let usage = HelpText.usage(of: name, below: Docker.self)
            let shown = DockerSynopsis(usage).text.split(separator: "\n").first
            #expect(shown.map(String.init) == "Usage:  \(line)")
        }
    }
}
