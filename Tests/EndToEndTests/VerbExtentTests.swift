import Foundation
import Testing
import TestSupport

/// Which containers a verb means, and which project.
@Suite("root: what a verb means", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct VerbExtentTests {

    private static let project = """
        services:
          web: {image: base:1, init: true, command: sh -c 'echo of web; exec sleep 100'}
          debug:
            image: base:1
            init: true
            command: sh -c 'echo of debug; exec sleep 100'
            profiles: [dev]
            networks: [side]
            volumes: ["dump:/v"]
        networks: {side: }
        volumes: {dump: }
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "base:1")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    /// Services that run, whatever their profiles.
    private func running(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "--services").lines
    }

    @Test("stop, restart, start, logs and down leave alone what no profile enables")
    func profiles() async throws {
        try await with { machine in
            let up = try await machine.berth("--profile", "dev", "up", "-d")
            try #require(up.status == 0, "\(up.err)")
            #expect(try await machine.berth("stop", "-t", "0").status == 0)
            #expect(try await running(machine) == ["debug"])
            #expect(try await machine.berth("restart", "-t", "0").err.contains("debug") == false)
            #expect(try await running(machine) == ["debug", "web"])
            #expect(try await machine.berth("stop", "-t", "0", "debug").status == 0)
            #expect(try await running(machine) == ["web"])
            #expect(try await machine.berth("start").status == 0)
            #expect(try await running(machine) == ["web"])
            #expect(try await machine.berth("start", "debug").status == 0)
            #expect(try await machine.berth("logs").out.contains("of debug") == false)
            #expect(try await machine.berth("logs", "debug").out.contains("of debug"))
            let down = try await machine.berth("down", "-v", "--remove-orphans", "-t", "0")
            #expect(down.status == 0, "\(down.err)")
            #expect(down.err.contains("--profile dev"), "\(down.err)")
            #expect(try await running(machine) == ["debug"])
            let all = try await machine.berth("--profile", "dev", "down", "-v", "-t", "0")
            #expect(all.status == 0, "\(all.err)")
            #expect(try await machine.berth("ps", "-aq").out == "")
        }
    }

    @Test("however quiet, down says what stays, and nothing else")
    func quiet() async throws {
        try await with { machine in
            let shared = Self.project.replacing("networks: [side]", with: "networks: [default]")
            try machine.write(shared.replacing("networks: {side: }\n", with: ""))
            let up = try await machine.berth("--profile", "dev", "up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let down = try await machine.berth("--progress", "quiet", "down", "-t", "0")
            #expect(down.status == 0)
            #expect(down.err.contains("warning: ") && down.err.contains("--profile dev"))
            #expect(down.err.contains(" Network \(machine.project)_default  "), "\(down.err)")
            #expect(!down.err.contains("Removed"), "\(down.err)")
            #expect(try await running(machine) == ["debug"])
            let all = try await machine.berth("--profile", "dev", "down", "-v", "-t", "0")
            #expect(all.status == 0, "\(all.err)")
        }
    }

    @Test("a file with mistakes keeps nobody from finding, stopping and removing what runs")
    func mistakes() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "base:1")
            let right = """
                services:
                  web:
                    image: base:1
                    init: true
                    command: sh -c 'echo of web; exec sleep 100'
                    volumes: ["data:/v", "kept:/k"]
                volumes: {data: {}, kept: {}}
                """
            try machine.write(right)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let wrong = right.replacing("init: true", with: "restart: sometimes")
                .replacing("kept: {}", with: "kept: {extrenal: true}")
            try machine.write(wrong)
            let words =
                "warning: compose.yaml:4:14: 2 mistakes from here on are set aside; "
                + "`berth config` shows them\n"
            let looks = [["ps", "-q"], ["logs"], ["exec", "web", "echo"], ["images", "-q"]]
            for command in looks {
                let run = try await machine.run([TestMachine.berth] + command)
                #expect(run.status == 0 && run.err == words, "\(command): \(run.err)")
            }
            for command in ["start", "restart", "up"] {
                let run = try await machine.berth(command)
                #expect(run.status == 1, "\(command)")
                #expect(run.err.contains("unknown restart policy"), "\(command): \(run.err)")
            }
            let stop = try await machine.berth("stop", "-t", "0")
            #expect(stop.status == 0 && stop.err.hasPrefix(words), "\(stop.err)")
            #expect(try await running(machine) == [])
            let down = try await machine.berth("down", "-v", "--rmi", "local", "-t", "0")
            #expect(down.status == 0, "\(down.err)")
            #expect(down.err.contains("volume \(machine.project)_kept of this project stays"))
            let all = try await machine.berth("-p", machine.project, "down", "-v")
            #expect(all.err.contains("_kept") && !all.err.contains("_data"), "\(all.err)")
        }
    }

    @Test("down and stop of a service take what only it uses")
    func named() async throws {
        try await with { machine in
            let up = try await machine.berth("--profile", "dev", "up", "-d", "--quiet-build")
            try #require(up.status == 0, "\(up.err)")
            #expect(try await machine.berth("stop", "-t", "0", "web").status == 0)
            #expect(try await running(machine) == ["debug"])
            let down = try await machine.berth("down", "--volumes", "-t", "0", "debug")
            #expect(down.status == 0, "\(down.err)")
            for gone in ["Volume \(machine.project)_dump", "Network \(machine.project)_side"] {
                #expect(down.err.contains("\(gone)  Removed"), "\(down.err)")
            }
            #expect(!down.err.contains("\(machine.project)_default"), "\(down.err)")
            #expect(try await machine.berth("ps", "-a", "--services").lines == ["web"])
        }
    }

    @Test("start says that there is nothing to start; what has nothing to end is done")
    func nothing() async throws {
        try await with { machine in
            for arguments in [["start"], ["start", "--wait"], ["start", "web"]] {
                let start = try await machine.run([TestMachine.berth] + arguments)
                #expect(start.status == 1)
                #expect(start.err.contains("has a container") || start.err.contains("no container"))
                #expect(start.err.contains("`berth up` makes"), "\(start.err)")
            }
            for verb in ["stop", "restart", "logs", "ps"] {
                #expect(try await machine.berth(verb).status == 0, "\(verb)")
            }
            let exec = try await machine.berth("exec", "web", "ls")
            #expect(exec.status == 1)
            #expect(exec.err.contains("service \"web\" is not running"), "\(exec.err)")
            let none = try await machine.berth("up", "-d", "--scale", "web=0")
            #expect(none.status == 0, "\(none.err)")
        }
    }

    @Test("a service that the file does not have is refused by every verb")
    func unknownService() async throws {
        try await with { machine in
            try #require(try await machine.berth("up", "-d").status == 0)
            for verb in ["stop", "start", "restart", "down", "logs"] {
                let run = try await machine.berth(verb, "nosuch")
                #expect(run.status == 1)
                #expect(run.err.contains("no such service: nosuch"), "\(verb): \(run.err)")
            }
            #expect(try await running(machine) == ["web"])
        }
    }

    @Test("by the project's name alone, a service without a container is told and no error")
    func unknownByName() async throws {
        try await with { machine in
            for verb in ["stop", "logs", "ps", "images"] {
                let run = try await machine.berth("-p", "other", verb, "web")
                #expect(run.status == 0, "\(verb): \(run.err)")
                #expect(run.err == "note: project other has no container of service \"web\"\n")
            }
            let exec = try await machine.berth("-p", "other", "exec", "web", "true")
            #expect(exec.status == 1)
            #expect(exec.err.contains("service \"web\" is not running"), "\(exec.err)")
        }
    }

    @Test("every verb refuses a name that no project can have", arguments: ["Upper", "_x", "a.b"])
    func names(name: String) async throws {
        try await TestMachine.with { machine in
            try machine.write(Self.project)
            for verb in ["up", "down", "stop", "start", "restart", "ps", "logs", "images", "pull"] {
                for file in [[], ["-f", "compose.yaml"]] {
                    let run = try await machine.run(
                        [TestMachine.berth] + file + ["-p", name, verb]
                    )
                    #expect(run.status == 1, "\(verb)")
                    let text = "invalid project name \"\(name)\": must consist only of lowercase"
                    #expect(run.err.contains(text), "\(verb): \(run.err)")
                }
            }
            // An empty name is none.
            let empty = try await machine.berth("-p", "", "config", environment: [:])
            #expect(empty.out.contains("name: \(machine.project)\n"), "\(empty.out)\(empty.err)")
            #expect(try await machine.berth("-p", "", "ps").status == 0)
        }
    }
}
