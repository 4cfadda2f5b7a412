import ArgumentParser
import Foundation
import Testing

@testable import berth

@Suite("help")
struct HelpTests {
    /// Every command below a root, by its path of names.
    private func paths(below root: any ParsableCommand.Type) -> [[String]] {
        root.configuration.subcommands.flatMap { type -> [[String]] in
            let name = type.configuration.commandName ?? ""
            return [[name]] + paths(below: type).map { [name] + $0 }
        }
    }

    /// What is said of a command line, as the program says it.
    private func told(_ arguments: [String], _ root: any ParsableCommand.Type) -> String {
        do {
            var command = try root.parseAsRoot(arguments)
            // Asked for help, the parser gives a command that throws it.
            if !Set(arguments).isDisjoint(with: ["help", "--help"]) { try command.run() }
            return ""
        } catch {
            return HelpText.told(root.fullMessage(for: error), below: root)
        }
    }

    @Test(
        "an unknown option gets a guess only where it is near",
        arguments: [
            ("--foo", nil), ("--fiel", "--file"), ("--detahc", "--detach"),
            ("--force-recreat=1", "--force-recreate"), ("--xyz", nil),
        ]
    )
    func guesses(option: String, guess: String?) {
        let text = told(["up", option], Berth.self)
        #expect(text.contains("Unknown option '\(option.prefix { $0 != "=" })"), "\(text)")
        #expect(text.contains("Did you mean") == (guess != nil), "\(text)")
        if let guess { #expect(text.contains("Did you mean '\(guess)'?"), "\(text)") }
    }

    private func check(_ root: any ParsableCommand.Type) {
        let above = root.configuration.commandName ?? ""
        // `berth docker …` is parsed as docker's own command line.
        let all = paths(below: root).filter { $0.first != "docker" }
        #expect(all.count > 10)
        for path in all {
            let name = ([above] + path).joined(separator: " ")
            for arguments in [path + ["--help"], ["help"] + path] {
                let lines = told(arguments, root).split(separator: "\n")
                let usage = lines.first { $0.hasPrefix("USAGE: ") } ?? ""
                #expect(lines.allSatisfy { $0.count <= 80 }, "\(name)")
                #expect(isUsage(usage.dropFirst("USAGE: ".count), of: name), "\(usage)")
            }
            let complaint = told(path + ["--no-such-flag"], root).split(separator: "\n")
            let usage = complaint.first { $0.hasPrefix("Usage: ") } ?? ""
            #expect(isUsage(usage.dropFirst("Usage: ".count), of: name), "\(usage)")
            #expect(
                complaint.contains { $0.contains("See '\(name) --help'") },
                "\(complaint.last ?? "")"
            )
            let own = HelpText.usage(of: path, below: root)
            #expect(isUsage(own.dropFirst("Usage: ".count), of: name), "\(own)")
        }
    }

    /// The name, and nothing behind it but options and arguments.
    private func isUsage(_ text: Substring, of name: String) -> Bool {
        guard text.hasPrefix(name) else { return false }
        let rest = text.dropFirst(name.count)
        return rest.isEmpty || [" [", " <", " (", " -"].contains { rest.hasPrefix($0) }
    }

    @Test("options of the command come before the global ones, which have their own heading")
    func order() throws {
        for path in paths(below: Berth.self) where path.first != "docker" {
            let text = told(path + ["--help"], Berth.self)
            let parts = text.components(separatedBy: "\nGLOBAL OPTIONS:\n")
            let type = path.reduce(Berth.self as any ParsableCommand.Type) { type, word in
                type.subcommand(named: word) ?? type
            }
            #expect(parts.count == (type is any ProjectCommand.Type ? 2 : 1), "\(path)")
            guard parts.count == 2 else { continue }
            #expect(parts[0].contains("  -h, --help  "), "\(path)")
            #expect(!parts[0].contains("--env-file"), "\(path)")
            #expect(parts[1].hasPrefix("  --file <path> "), "\(path)")
            #expect(!parts[1].contains("\n\n"), "\(path)")
        }
        let own = told(["--help"], Berth.self)
        #expect(own.contains("\n\nGLOBAL OPTIONS:\n  -f, --file <path> "))
        #expect(own.contains("\n  -p, --project-name <name>\n"))
    }

    @Test("usage that is wider than the terminal goes on below its first argument")
    func wrapping() {
        let line =
            "USAGE: berth image import [--change <instruction> ...] [--message <text>] <file|url|->"
        #expect(
            HelpLayout.arranged("OVERVIEW: x\n\n\(line)\n", columns: 60) == """
                OVERVIEW: x

                USAGE: berth image import [--change <instruction> ...]
                                          [--message <text>] <file|url|->

                """
        )
        #expect(HelpLayout.arranged(line, columns: line.count) == line)
    }

    @Test("every command of ours is called by its name")
    func ours() { check(Berth.self) }

    @Test("every command of docker's is called by its name")
    func dockers() { check(Docker.self) }

    @Test(
        "usage is written as docker writes it",
        arguments: [
            (["commit"], "docker commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]"),
            (["export"], "docker export [OPTIONS] CONTAINER"),
            (["history"], "docker history [OPTIONS] IMAGE"),
            (["image", "inspect"], "docker image inspect [OPTIONS] IMAGE [IMAGE...]"),
            (["image", "prune"], "docker image prune [OPTIONS]"),
            (["image"], "docker image COMMAND"),
            (["images"], "docker images [OPTIONS] [REPOSITORY[:TAG]]"),
            (["inspect"], "docker inspect [OPTIONS] NAME|ID [NAME|ID...]"),
            (["load"], "docker load [OPTIONS]"), (["login"], "docker login [OPTIONS] [SERVER]"),
            (["logout"], "docker logout [SERVER]"),
            (["pull"], "docker pull [OPTIONS] NAME[:TAG|@DIGEST]"),
            (["push"], "docker push [OPTIONS] NAME[:TAG]"),
            (["rmi"], "docker rmi [OPTIONS] IMAGE [IMAGE...]"),
            (["save"], "docker save [OPTIONS] IMAGE [IMAGE...]"),
            (["search"], "docker search [OPTIONS] TERM"),
            (["system", "df"], "docker system df [OPTIONS]"),
            (["system", "prune"], "docker system prune [OPTIONS]"),
            (["tag"], "docker tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]"),
        ]
    )
    func synopsis(path: [String], line: String) {
        let text = DockerSynopsis(HelpText.usage(of: path, below: Docker.self)).text
        #expect(text.hasPrefix("Usage:  \(line)\n\nRun 'docker \(path.joined(separator: " "))"))
    }
}
