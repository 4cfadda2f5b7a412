import ArgumentParser
import Testing

@testable import berth

@Suite("completion")
struct CompletionTests {
    /// Values that nobody can foresee, by what help calls them.
    private static let free: Set<String> = [
        "[[address:]port:]port", "address", "bytes", "cidr", "command", "container",
        "default|id[=socket]", "destination", "device:bytes", "device:number", "device:weight",
        "distribution:suite", "domain", "duration", "entitlement", "expression", "file", "gateway",
        "group",
        "id=name[,src=file|,env=variable]", "instruction", "key=value", "keys", "limit",
        "microseconds", "mount", "name", "name:address", "name=address", "name=soft[:hard]",
        "name,…", "name=value", "name[:tag]", "name|type=kind[,key=value]", "names", "new_name",
        "nodes", "number", "option",
        "os/arch",
        "os/arch[/variant]", "packages", "password", "path", "path[:path[:rwm]]", "percent",
        "pattern.key=value", "platform", "port", "port:port", "private-port",
        "private_port[/proto]", "processors",
        "project", "ps-options", "request", "rule", "seconds", "server", "service,…|*", "size",
        "source",
        "stage", "target[:options]", "targets", "term", "text", "time", "url", "user",
        "username", "value",
        "type=provenance[,key=value]", "weight", "[type:]name=value",
    ]

    @Test("every value that can be foreseen is completed, in every command")
    func everyValue() throws {
        var seen = 0
        func visit(_ type: any ParsableCommand.Type) throws {
            for argument in try CommandDescription(of: type).arguments {
                guard argument.kind != .flag, argument.shouldDisplay else { continue }
                seen += 1
                let name = argument.valueName ?? ""
                let isCompleted = argument.completionKind != nil
                #expect(isCompleted || Self.free.contains(name), "\(type) \(name)")
                if argument.long == "--format" { #expect(isCompleted, "\(type)") }
                if ["service", "services"].contains(name) { #expect(isCompleted, "\(type)") }
                if argument.long == "--output" { #expect(isCompleted, "\(type)") }
            }
            for inner in type.configuration.subcommands { try visit(inner) }
        }
        try visit(Berth.self)
        try visit(Docker.self)
        #expect(seen > 100)
    }

    @Test(
        "options are offered once, unless they repeat, a command's own before the global ones",
        arguments: [
            (["up", "--no-re"], ["--no-recreate"]), (["up", "--no-recreate", "--no-re"], []),
            (["up", "--profile", "x", "--profi"], ["--profile"]), (["down", "-v", "--vol"], []),
            (["down", "-vt", "5", "--ti"], []), (["logs", "--", "-"], []),
            (["exec", "web", "--no"], []),
            (
                ["stop", "--p"],
                [
                    "--project-name", "--project-directory", "--profile", "--progress",
                    "--parallel",
                ]
            ),
            (
                ["start", "--"],
                [
                    "--wait", "--help", "--file", "--project-name",
                    "--project-directory",
                    "--env-file", "--profile", "--all-resources", "--dry-run",
                    "--compatibility", "--progress", "--ansi", "--parallel",
                ]
            ),
            (
                ["-"],
                [
                    "--file", "-f", "--project-name", "-p", "--project-directory", "--env-file",
                    "--profile", "--all-resources", "--dry-run", "--compatibility", "--verbose",
                    "--progress", "--ansi", "--parallel", "-h", "--help", "--version",
                ]
            ),
        ]
    )
    func options(words: [String], expected: [String]) {
        #expect(CompletionRequest(words).completions().candidates.map(\.word) == expected)
    }

    @Test(
        "a shell is told what to do with the answer, in the numbers of docker's scripts",
        arguments: [
            (["-f", ""], ":8"), (["--env-file", ""], ":0"), (["--project-directory=", ""], ":4"),
            (["--project-directory="], ":16"), (["up", "-t", ""], ":4"), (["up", "-t"], ":4"),
            (["docker", "--config", ""], ":0"), (["image", "load", "-i", ""], ":0"),
        ]
    )
    func numbers(words: [String], expected: String) {
        let text = CompletionRequest(words).completions().text()
        #expect(text.hasSuffix(expected + "\n"), "\(text)")
    }

    @Test("docker's command line is completed as docker's")
    func dockers() {
        func words(_ arguments: [String]) -> [String] {
            CompletionRequest(arguments, below: Docker.self).completions().candidates.map(\.word)
        }
        #expect(words(["imag"]) == ["image", "images"])
        #expect(words(["-H", "x", "compo"]) == ["compose"])
        #expect(words(["compose", "resta"]) == ["restart"])
        #expect(words(["compose", "up", "--pull", "n"]) == ["never"])
        #expect(words(["image", "ls", "--format", "r"]) == ["raw"])
    }

    @Test("explanations stand behind a tab, in one line")
    func protocolText() {
        var completions = Completions(candidates: [
            .init(word: "up", explanation: "a\nb"), .init(word: "x"),
        ])
        #expect(completions.text() == "up\ta b\nx\n:4\n")
        completions.shell = .openWords
        #expect(completions.text(withExplanations: false) == "up\nx\n:6\n")
    }
}
