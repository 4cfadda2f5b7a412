import ArgumentParser
import Testing

@testable import berth

/// The short way to a command gives what the long one gives, or nothing.
@Suite("Straight to a command")
struct DirectParseTests {
    @Test("every command has its name written down, so that nobody asks the runtime for it")
    func names() {
        var unnamed: [String] = []
        func visit(_ type: any ParsableCommand.Type) {
            if type.configuration.commandName == nil { unnamed.append("\(type)") }
            for inner in type.configuration.subcommands { visit(inner) }
        }
        visit(Berth.self)
        visit(Docker.self)
        #expect(unnamed.isEmpty)
    }

    @Test(
        "a right command line is parsed by its command alone, as the tree parses it",
        arguments: [
            ["config", "--format", "json", "web"], ["version", "--short"], ["up", "-d", "web"],
            ["convert", "-q"], ["ps"], ["exec", "web", "ls", "-l"], ["system", "check"],
            ["config", "--file=a.yaml", "--no-interpolate"],
        ]
    )
    func right(arguments: [String]) throws {
        let short = try #require(DirectParse.command(arguments, below: Berth.self))
        let long = try Berth.parseAsRoot(arguments)
        #expect(described(short) == described(long))
    }

    @Test(
        "anything else is left to the tree",
        arguments: [
            [], ["--help"], ["help"], ["help", "config"], ["config", "--help"], ["config", "-h"],
            ["confg"], ["config", "--formatt", "json"], ["config", "--format", "xml"], ["system"],
            ["system", "chek"], ["--version"], ["config", "--version"],
            ["--generate-completion-script", "bash"],
            ["config", "--generate-completion-script", "bash"],
            ["config", "--experimental-dump-help"],
        ]
    )
    func others(arguments: [String]) {
        #expect(DirectParse.command(arguments, below: Berth.self) == nil)
    }

    private func described(_ command: any ParsableCommand) -> String {
        var text = ""
        dump(command, to: &text)
        return text
    }
}
