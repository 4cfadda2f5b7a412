import Foundation
import Glibc
import TestSupport
import Testing

/// `berth watch` and `up --watch`, with files that really change.
@Suite("root: watch", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct WatchTests {
    private static let project = """
        services:
          web:
            build: {context: ., dockerfile_inline: "FROM box\\nRUN mkdir -p /app /log"}
            user: "7:8"
            init: true
            command: sh -c 'echo begin; sleep 1000'
            develop:
              watch:
                - {path: ./src, action: sync, target: /app, ignore: ["*.log"], initial_sync: true}
                - {path: ./conf, action: sync+restart, target: /conf}
                - {path: ./run, action: sync+exec, target: /run/x, exec: {command: [echo, did it]}}
                - {path: ./base, action: rebuild}
        """

    private func with(
        _ arguments: [String],
        _ body: (TestMachine, Program) async throws -> TestMachine.Output
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat ls mkdir stat")
            try machine.write("1", to: "src/first")
            for folder in ["conf", "run", "base"] { try machine.write("1", to: folder + "/0") }
            try machine.write(Self.project)
            let run = try machine.start([TestMachine.berth] + arguments)
            try await machine.until("the first copy") {
                try await inside(machine, "cat /app/first") == "1"
            }
            let output = try await body(machine, run)
            #expect(output.status == 130, "\(output.err)")
        }
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        try await machine.berth("exec", "-T", "web", "sh", "-c", script).out
    }

    private func container(_ machine: TestMachine) async throws -> String {
        try await machine.berth("ps", "-q").out
    }

    private func change(
        _ path: String,
        _ machine: TestMachine,
        until script: String,
        is result: String
    ) async throws {
        try machine.write("2", to: path)
        try await machine.until("\(path): \(script)") {
            try await inside(machine, script) == result
        }
    }

    @Test("a compose file and a .dockerignore that change are heeded, and a broken one is told")
    func rulesChange() async throws {
        try await with(["watch"]) { machine, run in
            try machine.write("src/hidden\n", to: ".dockerignore")
            try machine.write("2", to: "src/hidden")
            try await change("src/seen", machine, until: "cat /app/seen", is: "2")
            #expect(try await inside(machine, "ls /app") == "first\nseen\n")
            try machine.write("services: {web: {build: [}}")
            try machine.write("3", to: "src/first")
            try await machine.until("it goes on") {
                try await machine.docker(
                    "exec",
                    "\(machine.project)-web-1",
                    "cat",
                    "/app/first"
                ).out == "3"
            }
            try machine.write(Self.project.replacing("target: /app", with: "target: /log"))
            try await machine.until("the first copy, elsewhere") {
                try await inside(machine, "cat /log/first") == "3"
            }
            try await change("src/late", machine, until: "cat /log/late", is: "2")
            #expect(try await inside(machine, "ls /app") == "first\nseen\n")
            try run.signal(SIGINT)
            let output = try await run.end()
            #expect(
                output.err.contains("compose.yaml has changed and is left aside"),
                "\(output.err)"
            )
            #expect(output.out.contains("compose.yaml has changed: its rules"), "\(output.out)")
            return output
        }
    }

    @Test("files are copied, removed and belong to the container's user; the rest follows")
    func watch() async throws {
        try await with(["watch"]) { machine, run in
            try machine.write("2", to: "src/a.log")
            try await change("src/deep/a", machine, until: "cat /app/deep/a", is: "2")
            #expect(
                try await inside(machine, "stat -c %u:%g /app/deep /app/deep/a") == "7:8\n7:8\n"
            )
            #expect(try await inside(machine, "ls /app") == "deep\nfirst\n")
            try await machine.run(["rm", "-r", "src/deep"])
            try await machine.until("its removal") {
                try await inside(machine, "ls /app") == "first\n"
            }
            let id = try await container(machine)
            try await change("conf/a", machine, until: "cat /conf/a", is: "2")
            try await machine.until("a restart") {
                let lines = try await machine.berth("logs", "--no-log-prefix", "web").lines
                return lines == ["begin", "begin"]
            }
            #expect(try await container(machine) == id)
            try await change("run/a", machine, until: "cat /run/x/a", is: "2")
            try machine.write("2", to: "base/a")
            try await machine.until("another container") {
                let now = try await container(machine)
                return now != id && !now.isEmpty
            }
            // What was copied at first is there again.
            try await machine.until("the first copy, again") {
                try await inside(machine, "ls /app") == "first\n"
            }
            try run.signal(SIGINT)
            let output = try await run.end()
            #expect(try await container(machine) != "")
            let said = output.lines
            #expect(said.first == "Watch enabled")
            for line in [
                "Syncing service \"web\" after 1 changes were detected",
                "service(s) [\"web\"] restarted", "did it",
                "Rebuilding service(s) [\"web\"] after changes were detected...",
                "service(s) [\"web\"] successfully built",
            ] { #expect(said.contains(line), "\(said)") }
            return output
        }
    }

    @Test("up --watch shows what happens between the logs, and stops all in the end")
    func upWatch() async throws {
        try await with(["up", "--watch"]) { machine, run in
            try await change("src/a", machine, until: "cat /app/a", is: "2")
            try run.signal(SIGINT)
            let output = try await run.end()
            #expect(output.lines.contains { $0.hasSuffix("⦿ Watch enabled") }, "\(output.out)")
            #expect(try await container(machine) == "")
            return output
        }
    }

    @Test("what cannot be watched is refused before anything is done")
    func refused() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  web: {image: box, develop: {watch: [{path: ., action: rebuild}]}}
                """
            )
            let run = try await machine.berth("watch")
            #expect(run.status == 1)
            #expect(run.err.contains("compose.yaml:2:"), "\(run.err)")
            #expect(run.err.contains("with action rebuild without a build context"), "\(run.err)")
            try machine.write("services: {web: {image: box}}")
            let none = try await machine.berth("watch")
            #expect(none.err.contains("none of the selected services is configured for watch"))
            let both = try await machine.berth("up", "--watch", "-d")
            #expect(both.err.contains("--detach cannot be combined with --watch"), "\(both.err)")
        }
    }
}
