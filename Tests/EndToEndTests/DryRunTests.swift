import Foundation
import Testing
import TestSupport

/// `--dry-run` before any verb, `ls`, and names with `_`.
@Suite("root: plans and lists", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct DryRunTests {
    private static let project = """
        services:
          web: {image: box, init: true, command: sleep 100, stop_grace_period: 0s}
          db: {image: box, init: true, command: sleep 100, stop_grace_period: 0s}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo touch")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    @Test(
        "--dry-run shows what a verb would do and does nothing",
        arguments: [
            (["up", "-d", "--force-recreate"], "recreate container"), (["down"], "remove network"),
            (["down", "--rmi", "all"], "remove image box"), (["stop"], "stop container"),
            (["restart"], "restart container"), (["start"], "up to date: nothing to do"),
            (["pull"], "pull image box  web, db"), (["push"], "nothing to push"),
            (["build"], "up to date: nothing to do"),
            (["exec", "web", "touch", "/made"], "touch /made"),
            (["commit", "web", "new:1"], "commit container"),
            (["export", "-o", "made.tar", "web"], "export container"),
        ]
    )
    func dryRun(verb: [String], expected: String) async throws {
        try await with { machine in
            try #require(try await machine.berth("up", "-d").status == 0)
            let before = try await machine.berth("ps", "-a", "--format", "{{.ID}} {{.State}}").out
            for words in [["--dry-run"] + verb, [verb[0], "--dry-run"] + verb.dropFirst()] {
                let run = try await machine.run([TestMachine.berth] + words)
                #expect(run.status == 0, "\(run.err)")
                #expect(run.out.contains(expected), "\(run.out)\(run.err)")
                #expect(run.err.contains("DRY-RUN MODE"))
            }
            let after = try await machine.berth("ps", "-a", "--format", "{{.ID}} {{.State}}").out
            #expect(before == after && before.contains("running"))
            let made = machine.folder.appending(path: "made.tar").path()
            #expect(!FileManager.default.fileExists(atPath: made))
            #expect(
                try await machine.berth("exec", "web", "sh", "-c", "! [ -e /made ]").status == 0
            )
            #expect(try await machine.berth("image", "ls", "-q", "new").out == "")
        }
    }

    @Test("ls lists projects with the states of their containers and their files")
    func list() async throws {
        try await with { machine in
            #expect(try await machine.berth("ls", "-q").out == "")
            try #require(try await machine.berth("up", "-d").status == 0)
            let file = machine.folder.appending(path: "compose.yaml").path()
            let name = machine.project
            func lines(_ arguments: String...) async throws -> [String] {
                try await machine.run([TestMachine.berth] + arguments).lines.map { line in
                    line.split(separator: " ", omittingEmptySubsequences: true)
                        .joined(separator: " ")
                }
            }
            let header = "NAME STATUS CONFIG FILES"
            #expect(try await lines("ls") == [header, "\(name) running(2) \(file)"])
            #expect(
                try await lines("compose", "ls", "--filter", "name=\(name.dropFirst())", "-q") == [
                    name
                ]
            )
            #expect(try await lines("ls", "--filter", "name=other") == [header])
            try await machine.berth("stop", "web")
            #expect(try await lines("ls") == [header, "\(name) running(1) \(file)"])
            #expect(
                try await lines("ls", "-a") == [header, "\(name) exited(1), running(1) \(file)"]
            )
            let json = try await machine.berth("ls", "-a", "--format", "json").out
            #expect(
                json == """
                    [{"Name":"\(name)","Status":"exited(1), running(1)","ConfigFiles":"\(file)"}]

                    """
            )
            try await machine.berth("stop")
            #expect(try await lines("ls") == [header])
            #expect(try await lines("ls", "-aq") == [name])
            #expect(try await machine.berth("ls", "--filter", "nix=x").status != 0)
        }
    }

    @Test("--compatibility joins names with _, and leaves containers of either kind as they are")
    func compatibility() async throws {
        try await with { machine in
            let up = try await machine.berth("--compatibility", "up", "-d")
            try #require(up.status == 0, "\(up.err)")
            func names() async throws -> [String] {
                try await machine.berth("ps", "--format", "{{.Name}}").lines
            }
            let old = ["\(machine.project)_db_1", "\(machine.project)_web_1"]
            #expect(try await names() == old)
            let again = try await machine.berth("--verbose", "up", "-d")
            #expect(again.err.contains("Container \(old[0])  Running"), "\(again.err)")
            #expect(try await names() == old)
            let logs = try await machine.berth(
                "up",
                "-d",
                "--force-recreate",
                environment: ["COMPOSE_COMPATIBILITY": "true"]
            )
            #expect(logs.status == 0, "\(logs.err)")
            #expect(try await names() == old)
        }
    }
}
