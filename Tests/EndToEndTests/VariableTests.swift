import Foundation
import Testing
import TestSupport

/// Variables of docker compose's, filters and numbers of `ls`, `logs` and `up`.
@Suite("root: variables and numbers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct VariableTests {
    private static let project = """
        services:
          web:
            image: box
            command: [sh, -c, "echo 1; echo 2; exec sleep 1000"]
            stop_grace_period: 0s
            healthcheck: {test: [CMD, "true"], interval: 1s}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo true")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    @Test("a variable about output that cannot be meant is refused by every command but version")
    func refused() async throws {
        try await TestMachine.with { machine in
            try machine.write(Self.project)
            for name in ["COMPOSE_PARALLEL_LIMIT", "COMPOSE_ANSI", "COMPOSE_PROGRESS"] {
                for command in ["up", "ps", "config", "ls", "logs", "stop", "start", "images"] {
                    let run = try await machine.berth(command, environment: [name: "xx"])
                    #expect(run.status == 1)
                    #expect(run.out == "" && run.err.hasPrefix(name), "\(command): \(run.err)")
                }
                #expect(try await machine.berth("version", environment: [name: "xx"]).status == 0)
                #expect(try await machine.berth("ps", environment: [name: ""]).status == 0)
            }
            let flag = try await machine.berth(
                "ps",
                "--progress",
                "plain",
                environment: ["COMPOSE_PROGRESS": "xx"]
            )
            #expect(flag.status == 0, "\(flag.err)")
            let disabled = ["COMPOSE_DISABLE_ENV_FILE": "xx"]
            #expect(try await machine.berth("ps", environment: disabled).status == 1)
            try machine.write("COMPOSE_PARALLEL_LIMIT=xx", to: ".env")
            for command in ["up", "stop", "start", "restart", "down", "build", "pull", "push"] {
                let run = try await machine.berth(command)
                #expect(run.status == 1, "\(command)")
                #expect(run.err.hasPrefix("COMPOSE_PARALLEL_LIMIT"), "\(command): \(run.err)")
            }
            try await machine.run(["rm", ".env"])
        }
    }

    @Test("a variable or .env may ask for orphans to be removed, by up and by down")
    func orphans() async throws {
        try await with { machine in
            let other =
                "services: {other: {image: box, command: sleep 1000, stop_grace_period: 0s}}"
            try machine.write(other, to: "other.yaml")
            try #require(try await machine.berth("up", "-d").status == 0)
            try machine.write("COMPOSE_REMOVE_ORPHANS=1", to: ".env")
            let up = try await machine.run([TestMachine.berth, "-f", "other.yaml", "up", "-d"])
            #expect(up.status == 0, "\(up.err)")
            #expect(try await machine.berth("ps", "--services", "--orphans").lines == ["other"])
            try await machine.run(["rm", ".env"])
            let down = try await machine.berth("down", environment: ["COMPOSE_REMOVE_ORPHANS": "1"])
            #expect(down.status == 0, "\(down.err)")
            #expect(try await machine.berth("ps", "-aq").out == "")
        }
    }

    @Test("ls takes regular expressions for names, and refuses what is none")
    func filters() async throws {
        try await with { machine in
            try #require(try await machine.berth("up", "-d").status == 0)
            let name = machine.project
            for (filter, isListed) in [
                (name, true), ("^\(name)$", true), (String(name.dropFirst()), true),
                ("^\(name.dropFirst())", false), (".\(name.dropFirst())", true),
                ("nosuch|\(name)", true), ("nosuch", false), ("", true), (#"^t\w+$"#, true),
            ] {
                let list = try await machine.berth("ls", "-q", "--filter", "name=\(filter)")
                #expect(list.lines == (isListed ? [name] : []), "\(filter): \(list.err)")
            }
            let wrong = try await machine.berth("ls", "--filter", "name=[")
            #expect(wrong.status == 1)
            #expect(wrong.err.contains("no regular expression"), "\(wrong.err)")
        }
    }

    @Test("logs takes a number of lines, below zero for all, and the number of one container")
    func logs() async throws {
        try await with { machine in
            let up = try await machine.berth(
                "up",
                "-d",
                "--scale",
                "web=2",
                "--wait",
                "--wait-timeout",
                "0"
            )
            // Without a limit, the second of the health check is waited for.
            try #require(up.status == 0, "\(up.err)")
            #expect(up.err.contains("web-2  Healthy"), "\(up.err)")
            for (tail, lines) in [("-5", 4), ("-1", 4), ("", 4), ("all", 4), ("0", 0), ("1", 2)] {
                let logs = try await machine.berth("logs", "-n", tail)
                #expect(logs.lines.count == lines, "\(tail): \(logs.out)\(logs.err)")
            }
            #expect(try await machine.berth("logs", "-n", "x").status == 1)
            let second = try await machine.berth("logs", "--index", "2", "web")
            #expect(second.lines == ["web-2  | 1", "web-2  | 2"])
            let missing = try await machine.berth("logs", "--index", "3", "web")
            #expect(missing.status == 1)
            #expect(missing.err.contains("web has no container #3"), "\(missing.err)")
            #expect(try await machine.berth("logs", "--index", "1").status == 1)
        }
    }
}
