import Glibc
import TestSupport
import Testing

/// Networks with IPv6, from the compose file to the packet.
@Suite("root: IPv6", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct IPv6Tests {
    private static let applets = "sh sleep cat ip ping nslookup httpd nc printf tail mkdir echo"
    private static let serve = """
        image: box
            command: [sh, -c, "mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www"]
            stop_grace_period: 0s
        """

    private func with(
        _ project: String,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(Self.applets)
            try machine.write(project)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    private func inside(
        _ machine: TestMachine,
        _ service: String,
        _ script: String
    ) async throws -> TestMachine.Output {
        try await machine.berth("exec", "-T", service, "sh", "-c", script)
    }

    /// What the server at a place says to somebody on the host.
    private func fetch(
        _ machine: TestMachine,
        _ address: String,
        _ port: Int
    ) async throws -> String {
        let script = Self.fetching("/dev/tcp/\(address)/\(port)")
        return try await machine.run(["timeout", "3", "bash", "-c", script]).out
    }

    private static func fetching(_ place: String) -> String {
        "exec 3<>\(place) && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3"
    }

    private static let project = """
        services:
          web:
            \(serve)
            networks: {net: {ipv6_address: "fd00:77::10"}}
            ports: ["8080:80", "[::1]:8081:80", "0.0.0.0:8082:80"]
          peer: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, networks: [net]}
          other: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, networks: [plain]}
        networks:
          net: {enable_ipv6: true, ipam: {config: [{subnet: 10.77.0.0/24}, {subnet: "fd00:77::/64"}]}}
          plain: {}
        """

    @Test("a container is reached by its name and by its published ports, of both families")
    func reached() async throws {
        try await with(Self.project) { machine in
            let own = try await inside(machine, "web", "ip addr; cat /etc/hosts").out
            #expect(own.contains("fd00:77::10/64") && own.contains("inet 10.77.0."), "\(own)")
            #expect(own.contains("fd00:77::10\t"), "\(own)")
            let ping = try await inside(machine, "peer", "ping -6 -c 1 -W 5 web")
            #expect(ping.out.contains("fd00:77::10"), "\(ping.out)\(ping.err)")
            let names = try await inside(machine, "peer", "nslookup fd00:77::10").out
            #expect(names.contains("web-1"), "\(names)")
            for (address, port) in [("127.0.0.1", 8080), ("::1", 8080), ("::1", 8081)] {
                #expect(try await fetch(machine, address, port) == "served\n", "\(port)")
            }
            #expect(try await fetch(machine, "127.0.0.1", 8082) == "served\n")
            for (address, port) in [("127.0.0.1", 8081), ("::1", 8082)] {
                #expect(try await fetch(machine, address, port) == "", "\(port)")
            }
            let ports = try await machine.berth("ps", "--format", "{{.Ports}}", "web").out
            #expect(
                ports.contains("0.0.0.0:8080->80/tcp") && ports.contains("[::]:8080->80/tcp"),
                "\(ports)"
            )
            let seen = try await machine.beside(
                Self.fetching("/dev/tcp/fd00:99::1/8080"),
                butNot: Self.fetching("/dev/tcp/fd00:77::10/80")
            )
            #expect(seen.out == "served\nclosed\n", "\(seen.out)\(seen.err)")
        }
    }

    @Test("a network without it has none inside, and networks are kept apart")
    func without() async throws {
        try await with(Self.project) { machine in
            let links = try await inside(machine, "other", "cat /proc/net/if_inet6").out
            #expect(!links.contains("eth0"), "\(links)")
            let ping = try await inside(machine, "other", "ping -6 -c 1 -W 1 fd00:77::10")
            #expect(ping.status != 0, "\(ping.out)")
            let plan = try await machine.berth("plan")
            #expect(!plan.out.contains("network"), "\(plan.out)")
            try machine.write(
                Self.project.replacing("plain: {}", with: "plain: {enable_ipv6: true}")
            )
            let changed = try await machine.berth("plan").out
            #expect(changed.contains("enable_ipv6 is on now"), "\(changed)")
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let after = try await inside(machine, "other", "ip -6 addr show dev eth0").out
            #expect(after.contains("inet6 fd"), "\(after)")
            #expect(try await machine.berth("system", "check").status == 0)
        }
    }

    @Test("a network that was made by hand has what it was asked for, and is shown so")
    func byHand() async throws {
        try await TestMachine.with { machine in
            func network(_ words: String...) async throws -> TestMachine.Output {
                try await machine.run([Products.path("berth"), "docker", "network"] + words)
            }
            try await machine.importBox(Self.applets)
            let made = try await network(
                "create",
                "--ipv6",
                "--subnet",
                "fd00:78::/64",
                "--gateway",
                "fd00:78::9",
                "hand"
            )
            #expect(made.status == 0, "\(made.err)")
            try machine.write(
                """
                services:
                  web:
                    \(Self.serve)
                    networks: [hand]
                    ports: ["[::1]:8080:80"]
                networks: {hand: {external: true}}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            #expect(try await fetch(machine, "::1", 8080) == "served\n")
            let format =
                "{{.EnableIPv6}} {{(index .IPAM.Config 1).Gateway}} "
                + "{{range .Containers}}{{.IPv6Address}}{{end}}"
            let shown = try await network("inspect", "-f", format, "hand")
            #expect(shown.out == "true fd00:78::9 fd00:78::1/64\n", "\(shown.out)\(shown.err)")
            let listed = try await network("ls", "-f", "name=hand", "--format", "{{.IPv6}}")
            #expect(listed.out == "true\n", "\(listed.err)")
            #expect(try await machine.berth("down").status == 0)
            #expect(try await network("rm", "hand").status == 0)
        }
    }

    @Test("a network of IPv6 alone, whose supervisor was killed and adopts what runs")
    func alone() async throws {
        try await with(
            """
            services:
              web:
                \(Self.serve)
                ports: ["8080:80"]
              peer: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
            networks: {default: {enable_ipv4: false, enable_ipv6: true}}
            """
        ) { machine in
            let own = try await inside(machine, "web", "ip addr show dev eth0").out
            #expect(own.contains("inet6 fd") && !own.contains("inet "), "\(own)")
            let ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 web 80 | tail -n 1"
            #expect(try await inside(machine, "peer", ask).out == "served\n")
            #expect(try await fetch(machine, "::1", 8080) == "served\n")
            #expect(try await fetch(machine, "127.0.0.1", 8080) == "")

            let supervisor = try await machine.run([
                "pgrep", "-f", "supervise .*\(machine.project)",
            ])
            for pid in supervisor.lines.compactMap({ Int32($0) }) { kill(pid, SIGKILL) }
            try await machine.until("names are served again") {
                try await inside(machine, "peer", ask).out == "served\n"
            }
            #expect(try await machine.berth("system", "check").status == 0)
            // The bridge loses what it has, and gets it back.
            let script =
                "for l in $(ip -o link show type bridge | cut -d: -f2); do "
                + "ip -6 addr flush dev $l scope global; done"
            try await machine.run(["sh", "-c", script])
            try await machine.until("its address is back") {
                try await fetch(machine, "::1", 8080) == "served\n"
            }
        }
    }
}
