import TestSupport
import Testing

/// Networks on a link of the host.
@Suite("root: macvlan", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct ParentNetworkTests {
    private static let project = """
        services:
          web:
            image: box
            command: [sleep, "1000"]
            stop_grace_period: 0s
            networks: {lan: {ipv4_address: 10.55.0.20}}
            ports: ["8080:80"]
          peer:
            image: box
            command: [sleep, "1000"]
            stop_grace_period: 0s
            networks: [lan]
        networks:
          lan:
            driver: macvlan
            driver_opts: {parent: par0}
            ipam: {config: [{subnet: 10.55.0.0/24, gateway: 10.55.0.1}]}
        """

    /// A machine with a link `par0`, and a router at its other end.
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep ip ping cat")
            let cable = """
                ip link add par0 type veth peer name par1 && ip link set par0 up && ip link set par1 up
                ip address add 10.55.0.1/24 dev par1
                """
            try #require(try await machine.run(["sh", "-ec", cable]).status == 0)
            try await body(machine)
            // It was nobody's of ours.
            #expect(try await machine.run(["ip", "link", "delete", "par0"]).status == 0)
        }
    }

    private func docker(_ machine: TestMachine, _ words: String) async throws
        -> TestMachine.Output
    {
        try await machine.run(
            [TestMachine.berth, "docker"] + words.split(separator: " ").map(String.init)
        )
    }

    private func inside(_ machine: TestMachine, _ service: String, _ words: String...) async throws
        -> TestMachine.Output
    {
        try await machine.run([TestMachine.berth, "exec", "-T", service] + words)
    }

    @Test("containers have addresses of the link's network, names, and its router")
    func reached() async throws {
        try await with { machine in
            try machine.write(Self.project)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            #expect(up.err.contains("its ports are not published"), "\(up.err)")
            let link = try await inside(machine, "web", "cat", "/sys/class/net/eth0/address").out
            #expect(link.contains("02:42:0a:37:00:14"), "\(link)")
            for place in ["web", "10.55.0.1"] {
                let ping = try await inside(machine, "peer", "ping", "-c", "1", "-W", "5", place)
                #expect(ping.status == 0, "\(place): \(ping.out)\(ping.err)")
            }
            let routes = try await inside(machine, "peer", "ip", "route").out
            #expect(routes.contains("default via 10.55.0.1 dev eth0"), "\(routes)")
            let format = "{{.Driver}} {{json .Options}}"
            let shown = try await machine.run([
                TestMachine.berth, "docker", "network", "inspect", "-f", format,
                "\(machine.project)_lan",
            ])
            #expect(shown.out == "macvlan {\"parent\":\"par0\"}\n", "\(shown.out)\(shown.err)")
            #expect(try await machine.berth("system", "check").status == 0)
            #expect(try await machine.berth("plan").out.contains("network") == false)
            // The link of the run before may still be there.
            for _ in 0..<6 {
                let restart = try await machine.berth("restart", "-t", "0", "web")
                #expect(restart.status == 0, "\(restart.err)")
            }
            let again = try await inside(machine, "peer", "ping", "-c", "1", "-W", "5", "web")
            #expect(again.status == 0, "\(again.out)\(again.err)")
            #expect(try await machine.berth("down").status == 0)
            #expect(
                try await machine.run(["nft", "list", "tables"]).out.contains("berth") == false
            )
        }
    }

    @Test("a container that runs is connected and disconnected")
    func byHand() async throws {
        try await with { machine in
            for words in [
                "--subnet 10.55.0.0/24 m1", "-o macvlan_mode=private --subnet 10.56.0.0/24 m2",
            ] {
                let made = try await docker(
                    machine,
                    "network create -d macvlan -o parent=par0 \(words)"
                )
                #expect(made.status == 0, "\(made.err)")
            }
            let run = try await docker(
                machine,
                "run -d --name c1 --network m1 --stop-timeout 0 box sleep 1000"
            )
            try #require(run.status == 0, "\(run.err)")
            let connected = try await docker(machine, "network connect --ip 10.56.0.7 m2 c1")
            #expect(connected.status == 0, "\(connected.err)")
            let both = try await docker(machine, "exec c1 ip address").out
            #expect(both.contains("10.56.0.7/24") && both.contains("10.55.0.2/24"), "\(both)")
            let left = try await docker(machine, "network disconnect m2 c1")
            #expect(left.status == 0, "\(left.err)")
            let rest = try await docker(machine, "exec c1 ip address").out
            #expect(!rest.contains("10.56.0.7") && rest.contains("10.55.0.2/24"), "\(rest)")
            #expect(try await machine.berth("system", "check").status == 0)
            #expect(try await docker(machine, "rm -f c1").status == 0)
            #expect(try await docker(machine, "network rm m1 m2").status == 0)
        }
    }

    @Test("refusals are docker's")
    func refused() async throws {
        try await with { machine in
            let cases = [
                ("parent=nope.10", "-o parent interface was not found on the host: nope"),
                ("parent=nope", "the host has no link nope"),
                ("parent=par0.4095", "4095 is not the number of a VLAN"),
                ("parent=lo", "loopback interface is not a valid macvlan parent link"),
                (
                    "macvlan_mode=foo",
                    "requested macvlan mode 'foo' is not valid, 'bridge' mode is the macvlan "
                        + "driver default"
                ), ("bogus=1", "the driver macvlan has no such option here"),
            ]
            for (option, words) in cases {
                let made = try await docker(
                    machine,
                    "network create -d macvlan -o \(option) --subnet 10.57.0.0/24 m3"
                )
                #expect(made.status == 1 && made.err.contains(words), "\(option): \(made.err)")
            }
            let first = try await docker(machine, "network create -d macvlan -o parent=par0 m4")
            #expect(first.status == 0, "\(first.err)")
            let second = try await docker(
                machine,
                "network create -d macvlan -o macvlan_mode=passthru -o parent=par0 m5"
            )
            #expect(second.err.contains("is already using parent interface par0"), "\(second.err)")
            #expect(try await docker(machine, "network rm m4").status == 0)
            #expect(try await docker(machine, "network ls -q -f type=custom").out == "")
        }
    }
}
