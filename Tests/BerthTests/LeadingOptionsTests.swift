import ArgumentParser
import Testing

@testable import berth

@Suite("global options before the command")
struct LeadingOptionsTests {
    @Test(
        "move behind the command under their long names",
        arguments: [
            (["-f", "a.yaml", "up", "-d"], ["up", "--file=a.yaml", "-d"]),
            (
                ["-f", "a", "-f", "b", "-p", "shop", "ps"],
                ["ps", "--file=a", "--file=b", "--project-name=shop"]
            ),
            (["-fa.yaml", "logs", "-f"], ["logs", "--file=a.yaml", "-f"]),
            (["--file=a.yaml", "config"], ["config", "--file=a.yaml"]),
            (["--profile", "x", "--env-file", "e", "up"], ["up", "--profile=x", "--env-file=e"]),
            (["compose", "-p", "x", "down"], ["down", "--project-name=x"]),
            (["-p", "x", "system", "check"], ["system", "check", "--project-name=x"]),
            (["up", "-d"], ["up", "-d"]),
            (["exec", "web", "ls", "-f", "x"], ["exec", "web", "ls", "-f", "x"]),
            (["--dry-run", "up"], ["up", "--dry-run"]),
            (["-p", "", "ps"], ["ps", "--project-name", ""]),
            (["--project-name=", "ps"], ["ps", "--project-name", ""]),
            (["-f", "-", "ps"], ["ps", "--file=-"]),
            (["--help"], ["--help"]),
            ([], []),
        ]
    )
    func moves(arguments: [String], expected: [String]) {
        #expect(LeadingOptions.arguments(arguments) == expected)
    }

    @Test(
        "stay with commands of a project, and are left out where they mean nothing",
        arguments: [
            (["-p", "x", "-f", "a", "up"], ["up", "--project-name=x", "--file=a"]),
            (["-p", "x", "version"], ["version"]),
            (["-f", "a.yaml", "--profile", "p", "version", "--short"], ["version", "--short"]),
            (["-p", "x"], []), (["-p", "x", "--help"], ["--help"]),
            (["-p", "x", "help", "up"], ["help", "up"]),
            (["image", "ls"], ["image", "ls"]),
            (["--dry-run", "version"], ["version", "--dry-run"]),
            (["--dry-run", "ls"], ["ls", "--dry-run"]), (["--dry-run", "help"], ["help"]),
            (["--dry-run", "image", "ls", "-q"], ["image", "ls", "-q"]),
            (["--dry-run", "history", "a"], ["history", "a"]), (["--dry-run", "image"], ["image"]),
            (["--dry-run", "system", "check"], ["system", "check"]),
            (["--dry-run", "doctor"], ["doctor"]),
            (
                ["--progress", "plain", "image", "pull", "a"],
                ["image", "pull", "--progress=plain", "a"]
            ),
        ]
    )
    func fits(arguments: [String], expected: [String]) throws {
        #expect(try GlobalOptions.fitting(arguments) == expected)
    }

    @Test(
        "are refused as they were written before commands that have no project, and without a value",
        arguments: [
            (
                ["-p", "x", "image", "import", "a.tar"],
                "-p is for commands of a project, and `berth image import` is not one"
            ),
            (
                ["--project-name=x", "system", "prune"],
                "--project-name is for commands of a project"
            ),
            (
                ["-fa.yaml", "rmi", "i"],
                "-f is for commands of a project, and `berth rmi` is not one"
            ),
            (
                ["--dry-run", "image", "rm", "a"],
                "`berth image rm` cannot show what it would do; leave --dry-run out"
            ),
            (["--dry-run", "rmi", "a"], "`berth rmi` cannot show what it would do"),
            (
                ["--dry-run", "system", "check", "--repair"],
                "`berth system check` cannot show what it would do"
            ),
            (["-f"], "flag needs an argument: 'f' in -f"),
            (["-p", "x", "--file"], "flag needs an argument: --file"),
        ]
    )
    func refused(arguments: [String], message: String) {
        let failure = #expect(throws: Failure.self) { try GlobalOptions.fitting(arguments) }
        #expect(failure?.description.hasPrefix(message) == true, "\(failure?.description ?? "")")
    }

    @Test("the commands that take them are those of a project")
    func ofProjects() throws {
        func visit(_ type: any ParsableCommand.Type) throws {
            let takes = try CommandSpellings(of: type).options["--project-name"] != nil
            #expect(takes == (type is any ProjectCommand.Type), "\(type)")
            for inner in type.configuration.subcommands { try visit(inner) }
        }
        try visit(Berth.self)
    }
}
