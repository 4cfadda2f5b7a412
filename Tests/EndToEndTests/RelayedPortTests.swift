import Glibc
import TestSupport
import Testing

/// Ports of containers without IPv6, asked by IPv6.
@Suite("root: relayed ports", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct RelayedPortTests {
    private static let project = """
        services:
          web:
            image: box
            command: [sh, -c, "mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www"]
            stop_grace_period: 0s
            ports: ["8080:80", "[::1]:8081:80", "0.0.0.0:8082:80", "127.0.0.1:8083:80", "8084:81"]
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat httpd nc mkdir echo ip")
            try machine.write(Self.project)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            try await machine.until("it serves") {
                try await fetch(machine, "127.0.0.1/8080") == "served\n"
            }
            try await body(machine)
        }
    }

    private static func fetching(_ place: String) -> String {
        "exec 3<>/dev/tcp/\(place) && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3"
    }

    private func fetch(_ machine: TestMachine, _ place: String) async throws -> String {
        try await machine.run(["timeout", "3", "bash", "-c", Self.fetching(place)]).out
    }

    @Test("a port is reached by ::1 and ::, shown so, and only where it was published")
    func reached() async throws {
        try await with { machine in
            for place in ["::1/8080", "::1/8081", "127.0.0.1/8080", "127.0.0.1/8083"] {
                #expect(try await fetch(machine, place) == "served\n", "\(place)")
            }
            // Nobody listens behind the last.
            for place in ["::1/8082", "::1/8083", "127.0.0.1/8081", "::1/8084"] {
                #expect(try await fetch(machine, place) == "", "\(place)")
            }
            let ports = try await machine.berth("ps", "--format", "{{.Ports}}", "web").out
            #expect(
                ports.contains("0.0.0.0:8080->80/tcp") && ports.contains("[::]:8080->80/tcp")
                    && ports.contains("[::1]:8081->80/tcp"),
                "\(ports)"
            )
            #expect(!ports.contains("[::]:8082") && !ports.contains("[::]:8083"), "\(ports)")
            let shown = try await machine.berth(
                "container",
                "inspect",
                "-f",
                "{{json (index .NetworkSettings.Ports \"81/tcp\")}}",
                "\(machine.project)-web-1"
            )
            #expect(
                shown.out
                    == #"[{"HostIp":"0.0.0.0","HostPort":"8084"},{"HostIp":"::","HostPort":"8084"}]"#
                    + "\n",
                "\(shown.out)\(shown.err)"
            )
            let taken = try await machine.berth(
                "docker",
                "run",
                "-d",
                "--name",
                "late",
                "-p",
                "[::1]:8080:80",
                "box",
                "sleep",
                "1"
            )
            #expect(
                taken.status == 125 && taken.err.contains("\(machine.project)-web-1"),
                "\(taken.err)"
            )
            try await machine.berth("docker", "rm", "-f", "late")
            try await machine.berth("docker", "network", "rm", "bridge")
        }
    }

    @Test("another machine reaches it, and what is published on ::1 it does not")
    func outside() async throws {
        try await with { machine in
            let seen = try await machine.beside(
                Self.fetching("fd00:99::1/8080"),
                butNot: Self.fetching("fd00:99::1/8081")
            )
            #expect(seen.out == "served\nclosed\n", "\(seen.out)\(seen.err)")
        }
    }

    @Test("the next supervisor serves it again, another address is followed, and the end frees it")
    func goesOn() async throws {
        try await with { machine in
            let supervisor = try await machine.run([
                "pgrep", "-f", "supervise .*\(machine.project)",
            ])
            for pid in supervisor.lines.compactMap({ Int32($0) }) { kill(pid, SIGKILL) }
            try await machine.until("it is served again") {
                try await fetch(machine, "::1/8080") == "served\n"
            }
            let name = "\(machine.project)-web-1"
            #expect(try await machine.berth("docker", "network", "create", "aa").status == 0)
            for verb in ["connect", "disconnect"] {
                let done = try await machine.berth("docker", "network", verb, "aa", name)
                #expect(done.status == 0, "\(done.err)")
                #expect(try await fetch(machine, "::1/8080") == "served\n", "\(verb)")
            }
            #expect(try await machine.berth("docker", "network", "rm", "aa").status == 0)
            #expect(try await machine.berth("system", "check").status == 0)
            #expect(try await machine.berth("stop", "web").status == 0)
            let gone = try await machine.run(["ss", "-Hltn", "sport = :8080"]).out
            #expect(gone == "", "\(gone)")
            let start = try await machine.berth("start", "web")
            #expect(start.status == 0, "\(start.err)")
            try await machine.until("it is reached after a new start") {
                try await fetch(machine, "::1/8080") == "served\n"
            }
        }
    }
}
