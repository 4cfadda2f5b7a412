import Foundation
import TestSupport
import Testing

/// `network create`, `ls`, `rm` and `prune`, and compose files that use what they make.
@Suite("root: networks by hand", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct NetworksByHandTests {
    private func docker(_ machine: TestMachine, _ words: String...) async throws
        -> TestMachine.Output
    {
        try await machine.run([Products.path("berth"), "docker", "network"] + words)
    }

    @Test("a network that was made by hand is external to a compose file")
    func external() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat")
            let made = try await docker(
                machine,
                "create",
                "--subnet",
                "10.99.3.0/24",
                "--gateway",
                "10.99.3.9",
                "--ip-range",
                "10.99.3.128/25",
                "--aux-address",
                "a=10.99.3.130",
                "--label",
                "x=y",
                "hand"
            )
            #expect(made.out.count == 65, "\(made.err)")
            try machine.write(
                """
                services:
                  web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, networks: [hand]}
                networks: {hand: {external: true}}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            let place = try await docker(
                machine,
                "inspect",
                "-f",
                "{{range .Containers}}{{.IPv4Address}}{{end}} {{(index .IPAM.Config 0).Gateway}}",
                "hand"
            )
            #expect(place.out == "10.99.3.128/24 10.99.3.9\n", "\(place.err)")
            let busy = try await docker(machine, "rm", "hand")
            #expect(
                busy.err.contains(
                    "Error response from daemon: error while removing network: network hand has "
                        + "active endpoints (name:\"\(machine.project)-web-1\""
                ),
                "\(busy.err)"
            )
            #expect(try await docker(machine, "prune", "-f").out == "")
            #expect(try await machine.berth("down").status == 0)
            let filtered = try await docker(machine, "ls", "-q", "-f", "label=x=y")
            #expect(filtered.out == made.out.prefix(12) + "\n", "a network of somebody else went")
            #expect(try await docker(machine, "rm", "hand").out == "hand\n")
        }
    }

    @Test("what is refused is refused in docker's words")
    func refusals() async throws {
        try await TestMachine.with { machine in
            #expect(try await docker(machine, "create", "one").status == 0)
            let engine = "Error response from daemon: "
            for (words, text) in [
                (["create", "one"], "\(engine)network with name one already exists"),
                (
                    ["create", "host"],
                    "\(engine)operation is not permitted on predefined host network"
                ),
                (
                    ["create", "-d", "host", "h"],
                    "only one instance of \"host\" network is allowed"
                ),
                (["create", "-d", "what", "hh"], "what"),
                (["create", "--subnet", "bad", "hh"], "bad"),
                (
                    ["rm", "bridge"],
                    "\(engine)bridge is a pre-defined network and cannot be removed"
                ),
                (["rm", "none"], "\(engine)none is a pre-defined network and cannot be removed"),
                (["rm", "nosuch"], "\(engine)network nosuch not found"),
                (["ls", "-f", "foo=x"], "\(engine)invalid filter 'foo'"),
                (
                    ["create", "--ingress", "h"],
                    "\(engine)Ingress network can only be global scope network"
                ),
                (
                    ["create", "--scope", "swarm", "h"],
                    "\(engine)cannot create a swarm scoped network when swarm is not active"
                ),
                (["create", "--config-only", "h"], "--config-only"),
                (["create", "--ipam-opt", "a=b", "h"], "--ipam-opt"),
                (["create", "--no-ipv4", "hh"], "IPv4 or IPv6 must be enabled"),
                (
                    [
                        "create", "--ipv6", "--subnet", "10.5.0.0/24", "--subnet", "fd00:5::/64",
                        "--gateway", "fd00:6::1", "hh",
                    ],
                    "no matching subnet for gateway fd00:6::1"
                ),
                (["connect", "one", "c"], "\(engine)No such container: c"),
            ] {
                let run = try await machine.run(
                    [Products.path("berth"), "docker", "network"] + words
                )
                #expect(run.status == 1 && run.err.contains(text), "\(words): \(run.err)")
            }
            #expect(try await docker(machine, "rm", "-f", "nosuch").status == 0)
            #expect(try await docker(machine, "prune", "-f").out == "Deleted Networks:\none\n\n")
        }
    }

    @Test("the three that are always there are listed, by name among the others")
    func predefined() async throws {
        try await TestMachine.with { machine in
            #expect(try await docker(machine, "create", "apple").status == 0)
            let list = try await docker(
                machine,
                "ls",
                "--format",
                "{{.Name}} {{.Driver}} {{.Scope}}"
            )
            #expect(
                list.lines == [
                    "apple bridge local", "bridge bridge local", "host host local",
                    "none null local",
                ]
            )
            let custom = try await docker(
                machine,
                "ls",
                "--format",
                "{{.Name}}",
                "-f",
                "type=custom"
            )
            #expect(custom.out == "apple\n")
            let table = try await docker(machine, "ls")
            #expect(table.lines.first == "NETWORK ID     NAME      DRIVER    SCOPE")
            #expect(try await docker(machine, "rm", "apple").status == 0)
        }
    }
}
