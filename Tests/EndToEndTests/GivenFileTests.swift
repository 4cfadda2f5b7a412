import Foundation
import TestSupport
import Testing

/// Configs and secrets in containers that really run.
@Suite("root: configs and secrets", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct GivenFileTests {
    private static let project = """
        services:
          web:
            image: box
            command: [sleep, "1000"]
            read_only: true
            stop_grace_period: 0s
            configs:
              - {source: inline, target: /etc/inline.conf, uid: "7", gid: "8", mode: 0440}
              - {source: disk, target: deep/down/disk.conf}
            secrets: [key, {source: pass, target: word}]
        configs:
          inline: {content: "port=${PORT:-80}"}
          disk: {file: ./disk.conf}
        secrets:
          key: {file: ./key}
          pass: {environment: PASSWORD}
        """
    private static let password = ["PASSWORD": "correct-horse-battery"]

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat stat true")
            try machine.write(Self.project)
            try machine.write("disk", to: "disk.conf")
            try machine.write("key-of-file", to: "key")
            let up = try await machine.berth("up", "-d", environment: Self.password)
            try #require(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        let run = try await machine.berth("exec", "-T", "web", "sh", "-c", script)
        return run.out + run.err
    }

    @Test("a container reads them at their places, with owner and mode, and cannot write them")
    func content() async throws {
        try await with { machine in
            let read =
                "cat /etc/inline.conf /deep/down/disk.conf /run/secrets/key /run/secrets/word"
            #expect(
                try await inside(machine, read) == "port=80diskkey-of-filecorrect-horse-battery"
            )
            #expect(
                try await inside(machine, "stat -c %u:%g:%a /etc/inline.conf /run/secrets/word")
                    == "7:8:440\n0:0:444\n"
            )
            for file in ["/etc/inline.conf", "/deep/down/disk.conf", "/run/secrets/word"] {
                let answer = try await inside(machine, "echo x > \(file)")
                #expect(answer.contains("Read-only file system"), "\(answer)")
            }
        }
    }

    @Test("another content recreates the container, and the plan names it without showing it")
    func changed() async throws {
        try await with { machine in
            let same = try await machine.berth("plan", environment: Self.password)
            #expect(same.out.hasPrefix("up to date"), "\(same.out)\(same.err)")
            try machine.write("other", to: "disk.conf")
            let other = ["PASSWORD": "wrong-horse-battery", "PORT": "81"]
            let plan = try await machine.berth("plan", environment: other)
            for name in ["config inline", "config disk", "secret pass"] {
                #expect(plan.out.contains("content of \(name) changed"), "\(plan.out)")
            }
            #expect(!plan.out.contains("horse"))
            #expect(try await machine.berth("up", "-d", environment: other).status == 0)
            #expect(
                try await inside(machine, "cat /etc/inline.conf /deep/down/disk.conf")
                    == "port=81other"
            )
        }
    }

    @Test(
        "what a variable's secret holds is nowhere in the state folder, and goes with its container"
    )
    func nowhere() async throws {
        try await with { machine in
            for words in [
                ["ps", "-a"], ["logs"], ["images"], ["events", "--until", "0s"], ["why"],
            ] {
                let run = try await machine.run([TestMachine.berth] + words)
                #expect(!(run.out + run.err).contains("horse"), "\(words)")
            }
            let shown = try await machine.run([
                TestMachine.berth, "docker", "inspect", "\(machine.project)-web-1",
            ])
            #expect(shown.status == 0, "\(shown.err)")
            #expect(!shown.out.contains("horse"))
            let recorded = try await found(machine, "root")
            #expect(recorded == [])
            #expect(try await found(machine, "run").count == 1)
            #expect(try await machine.berth("down").status == 0)
            #expect(try await found(machine, "run") == [])
        }
    }

    /// Files of a folder of the machine in which the secret of the variable stands.
    private func found(_ machine: TestMachine, _ folder: String) async throws -> [String] {
        let place = machine.folder.appending(path: folder).path()
        return try await machine.run(["grep", "-r", "-l", "correct-horse-battery", place]).lines
    }

    @Test("a start without the memory that a secret was in says so, and up writes it again")
    func forgotten() async throws {
        try await with { machine in
            #expect(try await machine.berth("stop").status == 0)
            try await machine.run(["rm", "-r", machine.folder.path() + "/run/secrets"])
            let start = try await machine.berth("start")
            #expect(start.status != 0)
            #expect(start.err.contains("its secret `pass` is gone"), "\(start.err)")
            let up = try await machine.berth("up", "-d", environment: Self.password)
            #expect(up.status == 0, "\(up.err)")
            #expect(try await inside(machine, "cat /run/secrets/word") == Self.password["PASSWORD"])
        }
    }

    @Test("a variable that is not set, or a file that is not there, changes nothing")
    func missing() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep")
            try machine.write(Self.project)
            let unset = try await machine.berth("up", "-d")
            #expect(unset.status != 0)
            #expect(unset.err.contains("environment variable \"PASSWORD\" required by secret"))
            let gone = try await machine.berth("up", "-d", environment: Self.password)
            #expect(gone.status != 0)
            #expect(gone.err.contains("secrets.key.file") || gone.err.contains("secret \"key\""))
            #expect(try await machine.berth("ps", "-aq").out == "")
        }
    }

    @Test("hosts and resolv.conf of a container have what the file adds")
    func names() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat hostname")
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    hostname: box
                    domainname: lan.example
                    extra_hosts: ["db:10.9.9.9", "six:[fd00::5]", "gate:host-gateway"]
                    dns_search: [example.com]
                    dns_opt: ["ndots:2"]
                networks: {default: {ipam: {config: [{subnet: 10.77.0.0/24, gateway: 10.77.0.9}]}}}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let hosts = try await inside(machine, "cat /etc/hosts")
            for line in [
                "10.9.9.9\tdb", "fd00::5\tsix", "10.77.0.9\tgate", "\tbox.lan.example box",
            ] {
                #expect(hosts.contains(line + "\n"), "\(hosts)")
            }
            let resolver = try await inside(machine, "cat /etc/resolv.conf")
            #expect(resolver.contains("search example.com\noptions ndots:2\n"), "\(resolver)")
            #expect(try await inside(machine, "cat /proc/sys/kernel/domainname") == "lan.example\n")
        }
    }
}
