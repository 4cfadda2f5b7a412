import TestSupport
import Testing

/// Services of which only the published ports are others: docker compose makes the containers anew.
@Suite("root: ports published anew", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct RepublishTests {
    private static func project(_ ports: String, hasIPv6: Bool, color: String = "red") -> String {
        """
        services:
          web:
            image: box
            command: [sh, -c, "mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www"]
            stop_signal: SIGKILL
            environment: {COLOR: \(color)}
            ports: [\(ports)]
        networks: {default: {enable_ipv6: \(hasIPv6)}}
        """
    }

    /// Answers each datagram with itself.
    private static let echo = """
        use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 81, Proto => "udp") or die; \
        while ($s->recv(my $b, 100)) { $s->send($b) }
        """

    private func fetch(_ machine: TestMachine, _ place: String) async throws -> TestMachine.Output {
        let words =
            "exec 3<>/dev/tcp/\(place) && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3"
        return try await machine.run(["timeout", "5", "bash", "-c", words])
    }

    private func ask(_ machine: TestMachine, _ place: String) async throws -> String {
        let words = "exec 3<>/dev/udp/\(place) && echo ping >&3 && timeout 1 head -n 1 <&3"
        return try await machine.run(["timeout", "5", "bash", "-c", words]).out
    }

    private func processID(_ machine: TestMachine) async throws -> String {
        let name = "\(machine.project)-web-1"
        return try await machine.docker("inspect", "-f", "{{.State.Pid}} {{.Id}}", name).out
    }

    @Test(
        "the process goes on, the old port is refused and the new one answers, by both families",
        arguments: [false, true]
    )
    func republished(hasIPv6: Bool) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep httpd mkdir echo")
            let first = "\"18081:80\", \"18081:81/udp\""
            try machine.write(Self.project(first, hasIPv6: hasIPv6))
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            for place in ["127.0.0.1/18081", "::1/18081"] {
                try await machine.until("it serves") {
                    try await fetch(machine, place).out == "served\n"
                }
            }
            let before = try await processID(machine)
            let pid = try #require(before.split(separator: " ").first.map(String.init))
            let server = try machine.start(["nsenter", "-t", pid, "-n", "perl", "-e", Self.echo])
            async let served = server.end()
            try await machine.until("it answers") {
                try await ask(machine, "127.0.0.1/18081") == "ping\n"
            }
            let second = "\"18082:80\", \"18082:81/udp\""
            try machine.write(Self.project(second, hasIPv6: hasIPv6))
            let plan = try await machine.berth("plan")
            #expect(
                plan.lines.count == 1
                    && plan.out.contains("publish ports of container \(machine.project)-web-1"),
                "\(plan.out)\(plan.err)"
            )
            let again = try await machine.berth("up", "-d")
            #expect(again.status == 0, "\(again.err)")
            #expect(again.err.contains("Ports published"), "\(again.err)")
            #expect(try await processID(machine) == before)
            for address in ["127.0.0.1", "::1"] {
                #expect(
                    try await fetch(machine, "\(address)/18082").out == "served\n",
                    "\(address)"
                )
                let old = try await fetch(machine, "\(address)/18081")
                #expect(old.err.contains("refused"), "\(address): \(old.out)\(old.err)")
            }
            for address in hasIPv6 ? ["127.0.0.1"] : ["127.0.0.1", "::1"] {
                #expect(try await ask(machine, "\(address)/18082") == "ping\n", "\(address)")
                #expect(try await ask(machine, "\(address)/18081") == "", "\(address)")
            }
            #expect(try await machine.berth("port", "web", "80").out == "0.0.0.0:18082\n")
            #expect(try await machine.berth("plan").out.contains("nothing to do"))
            #expect(try await machine.berth("system", "check").status == 0)
            try server.signal(15)
            _ = try await served
        }
    }

    @Test("one that is taken is refused, and the ports of before are published on")
    func taken() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep httpd mkdir echo")
            try machine.write(Self.project("\"18081:80\"", hasIPv6: false))
            try #require(try await machine.berth("up", "-d").status == 0)
            let other = try await machine.docker(
                "run",
                "-d",
                "--name",
                "other",
                "-p",
                "18083:80",
                "box",
                "sleep",
                "1000"
            )
            try #require(other.status == 0, "\(other.err)")
            let before = try await processID(machine)
            try machine.write(Self.project("\"18083:80\"", hasIPv6: false))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1 && up.err.contains("18083"), "\(up.err)")
            #expect(try await processID(machine) == before)
            try await machine.until("it serves") {
                try await fetch(machine, "127.0.0.1/18081").out == "served\n"
            }
            #expect(try await machine.docker("rm", "-f", "other").status == 0)
            let again = try await machine.berth("up", "-d")
            #expect(again.status == 0, "\(again.err)")
            #expect(try await processID(machine) == before)
            #expect(try await fetch(machine, "127.0.0.1/18083").out == "served\n")
            // Anything else makes it anew.
            try machine.write(Self.project("\"18084:80\"", hasIPv6: false, color: "blue"))
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await processID(machine) != before)
            try await machine.docker("network", "rm", "bridge")
        }
    }
}
