import Foundation
import Glibc
import TestSupport
import Testing

/// Containers of no project, as docker's users type them.
@Suite("root: standalone containers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct StandaloneTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh sleep echo cat id pwd ls ip kill nslookup hostname env true stty",
                as: "box:1"
            )
            do { try await body(machine) } catch {
                try await clear(machine)
                throw error
            }
            try await clear(machine)
        }
    }

    private func clear(_ machine: TestMachine) async throws {
        _ = try await machine.run([
            "/bin/sh", "-c",
            "for i in $(ls $0/root/containers); do \(TestMachine.berth) docker rm -f -v $i; done",
            machine.folder.path(),
        ])
    }

    @Test("inspect has what a health check answered, and its command as it was given")
    func health() async throws {
        try await with { machine in
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "sick",
                "--network",
                "none",
                "--health-cmd",
                "echo no; exit 3",
                "--health-interval",
                "200ms",
                "--health-retries",
                "2",
                "box:1",
                "sleep",
                "1000"
            )
            try #require(run.status == 0, "\(run.err)")
            func shown(_ template: String) async throws -> String {
                try await machine.docker("inspect", "-f", template, "sick").out
            }
            try await machine.until("it is unhealthy") {
                try await shown("{{.State.Health.Status}}") == "unhealthy\n"
            }
            let streak = try await shown("{{.State.Health.FailingStreak}}")
            #expect(Int(streak.dropLast()).map { $0 >= 2 } == true, "\(streak)")
            let log = try await shown(
                "{{range .State.Health.Log}}{{.ExitCode}}{{.Output}}{{end}}"
            )
            #expect(log.hasPrefix("3no\n"), "\(log)")
            let command = try await shown("{{json .Config.Healthcheck.Test}}")
            #expect(command == #"["CMD-SHELL","echo no; exit 3"]"# + "\n")
        }
    }

    @Test("ends with the program's code, or docker's where it could not run")
    func codes() async throws {
        try await with { machine in
            let seven = try await machine.docker(
                "run",
                "--rm",
                "box:1",
                "sh",
                "-c",
                "echo hi; exit 7"
            )
            #expect(seven.status == 7 && seven.out == "hi\n" && seven.err == "", "\(seven)")
            let missing = try await machine.docker("run", "--rm", "box:1", "nosuch")
            #expect(
                missing.status == 127
                    && missing.err.hasPrefix("docker: Error response from daemon: ")
            )
            #expect(try await machine.docker("run", "--rm", "box:1", "/etc").status == 126)
            let flag = try await machine.docker("run", "--foo", "box:1")
            #expect(
                flag.status == 125 && flag.err.hasPrefix("unknown flag: --foo\n"),
                "\(flag.err)"
            )
            let killed = try await machine.docker(
                "run",
                "--rm",
                "box:1",
                "sh",
                "-c",
                "sleep 9 & kill -9 $!; wait $!"
            )
            #expect(killed.status == 137, "\(killed)")
            let words = try await machine.docker(
                "run",
                "--rm",
                "--network",
                "none",
                "box:1",
                "echo",
                "-n",
                "a",
                "a",
                "--help"
            )
            #expect(words.out == "a a --help", "\(words)")
            let twice = try await machine.docker(
                "run",
                "--rm",
                "--restart",
                "always",
                "box:1",
                "true"
            )
            #expect(twice.status == 125)
            #expect(try await machine.berth("container", "rm", "nosuch").status == 1)
        }
    }

    @Test("streams go both ways, and signals to the program")
    func streams() async throws {
        try await with { machine in
            let echo = try await machine.run([
                "/bin/sh", "-c",
                "echo hi | \(TestMachine.berth) docker run -i --rm box:1 cat; "
                    + "\(TestMachine.berth) docker run --rm -a stderr box:1 sh -c 'echo o; echo e >&2'",
            ])
            #expect(echo.out == "hi\n" && echo.err == "e\n", "\(echo)")
            let program = try machine.start([
                TestMachine.berth, "docker", "run", "--rm", "--name", "sig", "box:1", "sh", "-c",
                "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done",
            ])
            #expect(try await program.firstOutput() == "ready\n")
            try program.signal(SIGTERM)
            #expect(try await program.end().status == 9)
        }
    }

    @Test("input that is empty ends", arguments: ["< /dev/null", "<&-", "< empty"])
    func emptyInput(redirection: String) async throws {
        try await with { machine in
            let docker = "\(TestMachine.berth) docker"
            let script = """
                : > empty; exec 2>&1
                \(docker) run -i --rm box:1 cat \(redirection); echo $?
                \(docker) create -i --name fed box:1 cat > id; \(docker) start -ai fed \(redirection); echo $?
                """
            let run = try await machine.run(["/bin/sh", "-c", script])
            #expect(run.out == "0\n0\n", "\(run)")
        }
    }

    @Test("who insists leaves a program that goes on", arguments: ["run", "start"])
    func insisting(verb: String) async throws {
        try await with { machine in
            let script = "trap 'echo heard' INT TERM; echo ready; while :; do sleep 0.1; done"
            let made = ["--name", "deaf", "box:1", "sh", "-c", script]
            if verb == "start" {
                let create = [TestMachine.berth, "docker", "create"] + made
                let created = try await machine.run(create)
                try #require(created.status == 0, "\(created)")
            }
            let words = verb == "run" ? ["run"] + made : ["start", "-a", "deaf"]
            let program = try machine.start([TestMachine.berth, "docker"] + words)
            try #require(try await program.firstOutput() == "ready\n")
            for signal in [SIGTERM, SIGINT] {
                try program.signal(signal)
                try #require(try await program.firstOutput() == "heard\n")
            }
            try program.signal(SIGTERM)
            let end = try await program.end()
            #expect(end.status == 1, "\(end)")
            #expect(end.err == "\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n")
            let left = try await machine.docker("ps", "--format", "{{.Names}} {{.State}}")
            #expect(left.out == "deaf running\n", "\(left)")
        }
    }

    @Test("verbs name containers by name, identifier and prefix, and take several")
    func verbs() async throws {
        try await with { machine in
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "one",
                "box:1",
                "sleep",
                "100"
            )
            #expect(run.status == 0, "\(run.err)")
            let id = run.out.trimmingCharacters(in: .newlines)
            let made = try await machine.docker("create", "box:1", "sleep", "100")
            let other = made.out.trimmingCharacters(in: .newlines)
            #expect(id.count == 64 && other.count == 64, "\(made)")
            let again = try await machine.docker("run", "--name", "one", "box:1", "true")
            #expect(
                again.status == 125 && again.err.contains("Conflict. The container name \"/one\"")
            )
            let start = try await machine.docker("start", String(other.prefix(12)))
            #expect(start.out == "\(other.prefix(12))\n", "\(start)")
            #expect(try await machine.docker("pause", "one").status == 0)
            let paused = try await machine.docker("exec", "one", "true")
            #expect(paused.status == 1 && paused.err.contains("is paused"), "\(paused)")
            #expect(try await machine.docker("unpause", id).status == 0)
            let exec = try await machine.docker(
                "exec",
                "-e",
                "A=b",
                "one",
                "sh",
                "-c",
                "echo $A; exit 3"
            )
            #expect(exec.status == 3 && exec.out == "b\n", "\(exec)")
            let rm = try await machine.docker("rm", "one")
            #expect(rm.status == 1 && rm.err.contains("container is running: stop the container"))
            #expect(try await machine.docker("rename", "one", "two").status == 0)
            let stop = try await machine.docker("stop", "-t", "0", "two", "nosuch", other)
            #expect(stop.status == 1 && stop.out == "two\n\(other)\n", "\(stop)")
            #expect(stop.err == "Error response from daemon: No such container: nosuch\n")
            let wait = try await machine.docker("wait", "two")
            #expect(wait.out == "137\n", "\(wait)")
            #expect(try await machine.docker("rm", "-f", "two", other, "nosuch").status == 0)
        }
    }

    @Test("volumes: named ones stay, anonymous ones go with --rm")
    func volumes() async throws {
        try await with { machine in
            let write = try await machine.docker(
                "run",
                "--rm",
                "-v",
                "data:/d",
                "-v",
                "/anon",
                "box:1",
                "sh",
                "-c",
                "echo x >/d/f; echo y >/anon/f"
            )
            #expect(write.status == 0, "\(write.err)")
            let read = try await machine.docker(
                "run",
                "--rm",
                "-v",
                "data:/d",
                "box:1",
                "cat",
                "/d/f"
            )
            #expect(read.out == "x\n", "\(read)")
            let left = try await machine.run(["ls", machine.folder.path() + "/root/volumes"])
            #expect(left.lines == ["data"], "\(left)")
        }
    }

    @Test("logs, port, top and the namespaces of another")
    func looks() async throws {
        try await with { machine in
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "web",
                "-p",
                "127.0.0.1::80",
                "box:1",
                "sh",
                "-c",
                "echo out; echo err >&2; sleep 100"
            )
            #expect(run.status == 0, "\(run.err)")
            try await machine.until("it has written") {
                try await machine.docker("logs", "web").out == "out\n"
            }
            #expect(try await machine.docker("logs", "web").err == "err\n")
            let port = try await machine.docker("port", "web", "80")
            #expect(port.out.hasPrefix("127.0.0.1:"), "\(port)")
            let none = try await machine.docker("port", "web", "81")
            #expect(none.err == "Error: No public port '81' published for web\n", "\(none)")
            #expect(try await machine.docker("top", "web").lines.count >= 2)
            let address = try await machine.docker(
                "exec",
                "web",
                "ip",
                "-4",
                "addr",
                "show",
                "eth0"
            )
            #expect(address.out.contains("172.17.0.2/16"), "\(address)")
            let shared = try await machine.docker(
                "run",
                "--rm",
                "--network",
                "container:web",
                "box:1",
                "ip",
                "-4",
                "addr",
                "show",
                "eth0"
            )
            #expect(shared.out.contains("172.17.0.2/16"), "\(shared)")
            let name = try await machine.docker("run", "--rm", "box:1", "nslookup", "web")
            #expect(name.status != 0, "\(name)")
            #expect(try await machine.docker("rm", "-f", "web").out == "web\n")
        }
    }

    @Test("update changes what runs, and what is written down")
    func update() async throws {
        try await with { machine in
            _ = try await machine.docker(
                "run",
                "-d",
                "--name",
                "upd",
                "-m",
                "64m",
                "box:1",
                "sleep",
                "100"
            )
            let update = try await machine.docker(
                "update",
                "-m",
                "96m",
                "--memory-swap",
                "-1",
                "--restart",
                "always",
                "upd"
            )
            #expect(update.status == 0 && update.out == "upd\n", "\(update)")
            let now = try await machine.docker("exec", "upd", "cat", "/sys/fs/cgroup/memory.max")
            if now.status == 0 { #expect(now.out == "\(96 << 20)\n", "\(now)") }
            #expect(try await machine.docker("restart", "-t", "0", "upd").status == 0)
            let nothing = try await machine.docker("update", "upd")
            #expect(nothing.status == 1)
            #expect(try await machine.docker("rm", "-f", "upd").status == 0)
        }
    }

    @Test("a restart policy outlives the supervisor")
    func policy() async throws {
        try await with { machine in
            _ = try await machine.docker(
                "run",
                "-d",
                "--name",
                "res",
                "--restart",
                "always",
                "box:1",
                "sleep",
                "100"
            )
            let mark = machine.folder.path() + "/root/locks/_/supervisor"
            let pid = try await machine.run([
                "/bin/sh", "-c", "head -c 16 \(mark) | cut -d ' ' -f 1 | head -1",
            ])
            let number = try #require(
                Int32(pid.out.trimmingCharacters(in: .whitespacesAndNewlines))
            )
            #expect(kill(number, SIGKILL) == 0)
            let first = try #require(try await program(of: "res", machine))
            #expect(kill(first, SIGKILL) == 0)
            try await machine.until("it runs again") {
                let now = try await program(of: "res", machine)
                return now != nil && now != first
            }
            #expect(try await machine.docker("rm", "-f", "res").status == 0)
        }
    }

    /// The process that a container runs, as this machine counts it.
    private func program(of name: String, _ machine: TestMachine) async throws -> Int32? {
        let rows = try await machine.docker("top", name).lines.dropFirst()
        return rows.first?.split(separator: " ").dropFirst().first.flatMap { Int32($0) }
    }
}
