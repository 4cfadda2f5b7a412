import Foundation
import TestSupport
import Testing

/// One-off containers of a service.
@Suite("root: run", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct RunTests {
    private static let project = """
        services:
          web:
            image: base:1
            command: sh -c 'echo default; echo $$A-$$B; pwd'
            environment: {A: a, B: b}
            restart: always
            ports: ["127.0.0.1::80"]
            depends_on: [db]
          db: {image: base:1, init: true, command: sleep 100}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat id pwd wc head", as: "base:1")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    private func names(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "-a", "--format", "{{.Name}}").lines
    }

    @Test("brings up what the service depends on, and stays unless it is to be removed")
    func dependencies() async throws {
        try await with { machine in
            let first = try await machine.berth("run", "web")
            #expect(first.status == 0 && first.out == "default\na-b\n/\n", "\(first)")
            #expect(first.err.contains("-db-1  Started"), "\(first.err)")
            let left = try await names(machine)
            #expect(left.count == 2 && left.contains { $0.contains("-web-run-") }, "\(left)")
            let second = try await machine.berth("run", "--rm", "-q", "web", "sh", "-c", "exit 7")
            #expect(second.status == 7 && second.err == "", "\(second)")
            #expect(try await names(machine) == left)
            let third = try await machine.berth("run", "--rm", "web", "nosuch")
            #expect(third.status == 127 && third.err.contains("nosuch"), "\(third.err)")
            #expect(try await names(machine) == left)
        }
    }

    @Test("`exec` enters a one-off container while there is no other of the service")
    func entered() async throws {
        try await with { machine in
            let script = "echo of one-off > /mark; sleep 100"
            let run = try await machine.berth("run", "-d", "-q", "db", "sh", "-c", script)
            #expect(run.status == 0, "\(run.err)")
            let mark = ["exec", "-T", "db", "cat", "/mark"]
            try await machine.until("the mark is there") {
                try await machine.run([TestMachine.berth] + mark).out == "of one-off\n"
            }
            let numbered = try await machine.berth(
                "exec",
                "-T",
                "--index",
                "1",
                "db",
                "cat",
                "/mark"
            )
            #expect(numbered.status == 1)
            #expect(numbered.err.contains("service \"db\" is not running container #1"))
            #expect(try await machine.berth("up", "-d", "db").status == 0)
            #expect(try await machine.run([TestMachine.berth] + mark).status == 1)
            // It is no service's container, and what it holds stays.
            let down = try await machine.berth("down")
            #expect(down.status == 0 && down.err.contains("`berth container rm -f "), "\(down.err)")
        }
    }

    @Test("is as its options say")
    func options() async throws {
        try await with { machine in
            try machine.write("C=c\n", to: "more.env")
            let run = try await machine.berth(
                "run",
                "--rm",
                "-q",
                "--no-deps",
                "-e",
                "A=x",
                "--env-from-file",
                "more.env",
                "-u",
                "5",
                "-w",
                "/bin",
                "-v",
                "./more.env:/more",
                "--entrypoint",
                "sh -c",
                "web",
                "echo $A $B $C; id -u; pwd; cat /more"
            )
            #expect(run.status == 0 && run.out == "x b c\n5\n/bin\nC=c\n", "\(run)")
            #expect(try await names(machine) == [])
            let both = try await machine.berth("run", "-p", "80", "-P", "web")
            #expect(both.status == 1 && both.err.contains("are incompatible"), "\(both.err)")
            let wrong = try await machine.berth("run", "-p", "99999:1", "web")
            #expect(wrong.status == 1 && wrong.err.contains("command line:1:"), "\(wrong.err)")
            let unknown = try await machine.berth("run", "nosuch")
            #expect(unknown.status == 1 && unknown.err.contains("no such service: nosuch"))
        }
    }

    @Test("passes input, output and errors on, whole and apart")
    func streams() async throws {
        try await with { machine in
            let berth = TestMachine.berth
            let count = try await machine.run([
                "/bin/sh", "-c",
                "head -c 3000000 /dev/zero | \(berth) run --rm -q --no-deps -T web wc -c",
            ])
            #expect(count.status == 0 && count.out == "3000000\n", "\(count)")
            let output = try await machine.run([
                "/bin/sh", "-c",
                "\(berth) run --rm -q --no-deps -T web head -c 3000000 /dev/zero </dev/null | wc -c",
            ])
            #expect(output.out == "3000000\n", "\(output)")
            let apart = try await machine.berth(
                "run",
                "--rm",
                "-q",
                "--no-deps",
                "web",
                "sh",
                "-c",
                "echo out; echo err >&2"
            )
            #expect(apart.out == "out\n" && apart.err == "err\n", "\(apart)")
        }
    }

    @Test("in the background it prints its identifier, and --rm removes it whoever is there")
    func detached() async throws {
        try await with { machine in
            let run = try await machine.berth(
                "run",
                "-d",
                "--rm",
                "--name",
                "\(machine.project)-x",
                "web",
                "sleep",
                "100"
            )
            #expect(run.status == 0, "\(run.err)")
            #expect(run.out.wholeMatch(of: /[0-9a-f]{64}\n/) != nil, "\(run.out)")
            #expect(try await names(machine).contains("\(machine.project)-x"))
            let again = try await machine.berth("run", "--name", "\(machine.project)-x", "web")
            #expect(again.status == 1 && again.err.contains("the name is in use"), "\(again.err)")
            let kill = try await machine.berth("kill", "web")
            #expect(kill.status == 0, "\(kill.err)")
            try await machine.until("it is removed") {
                try await names(machine) == ["\(machine.project)-db-1"]
            }
        }
    }
}
