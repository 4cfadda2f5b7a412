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
            let run = try await machine.docker("run", "--rm", "box", "sh", "-c", "true")
            #expect(run.status == 0, "\(run.err)")
            let usual = try await docker(machine, "inspect", "-f", "{{.Id}}", "bridge").out
            #expect(try await docker(machine, "prune", "-f").out == "")
            #expect(try await docker(machine, "inspect", "-f", "{{.Id}}", "bridge").out == usual)
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
                    ["create", "default"],
                    "\(engine)operation is not permitted on predefined default network"
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

    @Test("addresses come from the pools of a file, in their order, until they are used up")
    func pools() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                {"default-address-pools": [
                    {"base": "10.61.0.0/30", "size": 30}, {"base": "10.62.0.0/27", "size": 28},
                    {"base": "fd61::/63", "size": 64}
                ]}
                """,
                to: "networks.json"
            )
            let environment = [
                "BERTH_NETWORKS": machine.folder.appending(path: "networks.json").path()
            ]
            func create(_ words: String...) async throws -> TestMachine.Output {
                try await machine.run(
                    [Products.path("berth"), "docker", "network", "create"] + words,
                    environment: environment
                )
            }
            // A part of the second pool is on the host's side already.
            try await machine.run(["ip", "address", "add", "10.62.0.9/29", "dev", "lo"])
            var subnets: [String] = []
            for name in ["one", "two"] {
                let made = try await create("--ipv6", name)
                #expect(made.status == 0, "\(made.err)")
                subnets += try await docker(
                    machine,
                    "inspect",
                    "-f",
                    "{{range .IPAM.Config}}{{.Subnet}} {{end}}",
                    name
                ).lines
            }
            #expect(
                subnets == ["10.61.0.0/30 fd61::/64 ", "10.62.0.16/28 fd61:0:0:1::/64 "],
                "\(subnets)"
            )
            let full = try await create("three")
            #expect(full.status == 1 && full.err.contains("pools are used up"), "\(full.err)")
            for (text, words) in [
                (#"{"pools": []}"#, "there is no such key"),
                (
                    #"{"default-address-pools": [{"base": "10.0.0.0/8"}]}"#,
                    "default-address-pools[0]"
                ),
                (#"{"default-address-pools": [{"base": "10.0.0.0/8", "size": 31}]}"#, "no room"),
                (
                    #"{"default-address-pools": [{"base": "0.0.0.0/0", "size": 8}]}"#,
                    "default-address-pools[0]"
                ),
                (
                    #"{"default-address-pools": [{"base": "224.0.0.0/4", "size": 24}]}"#,
                    "multicast"
                ),
                (
                    #"{"default-address-pools": [{"base": "ff00::/8", "size": 64}]}"#, "multicast"
                ),
                ("{", "line 1"),
            ] {
                try machine.write(text, to: "networks.json")
                let wrong = try await create("four")
                #expect(wrong.status == 1, "\(text)")
                #expect(
                    wrong.err.contains(words) && wrong.err.contains("networks.json"),
                    "\(text): \(wrong.err)"
                )
            }
            // Nobody will ever write into it.
            let fifo = "rm networks.json; mkfifo networks.json"
            #expect(try await machine.run(["/bin/sh", "-c", fifo]).status == 0)
            let waited = try await create("five")
            #expect(waited.status == 1 && waited.err.contains("networks.json"), "\(waited.err)")
            #expect(try await docker(machine, "rm", "one", "two").status == 0)
        }
    }

    @Test(
        "a network in which no container could have an address is refused",
        arguments: [
            ["--subnet", "0.0.0.0/8"], ["--subnet", "127.1.0.0/16"], ["--subnet", "224.1.0.0/16"],
            ["--subnet", "255.255.255.0/24"], ["--subnet", "0.0.0.0/0"],
            ["--subnet", "10.99.0.0/32"], ["--subnet", "10.99.0.0/31"],
            ["--subnet", "10.99.0.0/24", "--ip-range", "10.99.0.0/31"],
            ["--subnet", "10.99.0.0/24", "--ip-range", "10.99.0.8/32"],
            ["--subnet", "10.99.0.0/30", "--aux-address", "a=10.99.0.2"],
            ["--subnet", "10.99.0.0/24", "--aux-address", "a=10.99.0.1"],
            ["--subnet", "10.99.0.0/24", "--gateway", "10.99.0.255"],
            ["--subnet", "10.99.0.5/24"], ["--ipv6", "--subnet", "fe80::/64"],
            ["--ipv6", "--subnet", "ff02::/64"], ["--ipv6", "--subnet", "::/64"],
            ["--ipv6", "--subnet", "fd99::/127"],
            ["--ipv6", "--subnet", "::ffff:10.0.0.0/112"],
        ]
    )
    func noRoom(words: [String]) async throws {
        try await TestMachine.with { machine in
            let refused = try await machine.run(
                [Products.path("berth"), "docker", "network", "create"] + words + ["nn"]
            )
            #expect(refused.status == 1, "\(refused)")
            #expect(try await docker(machine, "inspect", "nn").status == 1)
        }
    }

    @Test("names that docker takes are taken", arguments: ["h", "é", "a b", "a/b", "x:y", "_a"])
    func names(name: String) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep")
            #expect(try await docker(machine, "create", name).status == 0)
            // `run --network` takes letters, digits, `.`, `_` and `-` alone.
            if ["h", "_a"].contains(name) {
                let run = try await machine.docker("run", "--rm", "--network", name, "box", "sh")
                #expect(run.status == 0, "\(run.err)")
            }
            #expect(try await docker(machine, "ls", "--format", "{{.Name}}").lines.contains(name))
            #expect(try await docker(machine, "rm", name).out == "\(name)\n")
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
