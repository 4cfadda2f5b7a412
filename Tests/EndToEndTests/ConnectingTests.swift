import Foundation
import Glibc
import TestSupport
import Testing

/// `network connect` and `network disconnect`, of what runs and of what does not.
@Suite("root: connecting by hand", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct ConnectingTests {
    private static let commands = "sh sleep cat ip ping nslookup httpd nc wget"

    @discardableResult
    private func docker(_ machine: TestMachine, _ words: String) async throws
        -> TestMachine.Output
    {
        try await machine.run(
            [TestMachine.berth, "docker"] + words.split(separator: " ").map(String.init)
        )
    }

    /// Networks a (10.71.1.0/24), b (10.71.2.0/24) and the internal i (10.71.3.0/24), and an image.
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(Self.commands)
            for words in [
                "--subnet 10.71.1.0/24 na", "--subnet 10.71.2.0/24 nb",
                "--internal --subnet 10.71.3.0/24 ni",
            ] {
                try #require(try await docker(machine, "network create \(words)").status == 0)
            }
            try await body(machine)
            try await docker(machine, "rm -f c1 d1 e1")
            try await docker(machine, "network rm na nb ni bridge")
        }
    }

    private func run(_ machine: TestMachine, _ words: String) async throws {
        let made = try await docker(machine, "run -d --stop-timeout 0 \(words) box sleep 1000")
        try #require(made.status == 0, "\(made.err)")
    }

    private func defaultRoute(_ machine: TestMachine, _ name: String = "c1") async throws -> String
    {
        let routes = try await docker(machine, "exec \(name) ip route")
        return routes.lines.first { $0.hasPrefix("default") }?
            .trimmingCharacters(in: .whitespaces) ?? ""
    }

    @Test("links, addresses, names, hosts and the way out follow at once, and stay after a restart")
    func follows() async throws {
        try await with { machine in
            try await run(machine, "--name c1 --network nb")
            try await run(machine, "--name d1 --network na")
            #expect(try await docker(machine, "exec d1 ping -c 1 -W 1 nick").status != 0)
            let words = "--ip 10.71.1.77 --alias nick --link d1:mate --link-local-ip 169.254.9.9"
            let made = try await docker(machine, "network connect \(words) na c1")
            #expect(made.status == 0 && made.out.isEmpty, "\(made.err)")
            for turn in ["at once", "after a restart"] {
                #expect(
                    try await defaultRoute(machine) == "default via 10.71.1.1 dev eth1",
                    "\(turn)"
                )
                let hosts = try await docker(machine, "exec c1 cat /etc/hosts").out
                #expect(hosts.contains("10.71.1.77\t") && hosts.contains("10.71.2.2\t"), "\(hosts)")
                let addresses = try await docker(machine, "exec c1 ip address").out
                #expect(addresses.contains("169.254.9.9/16"), "\(turn): \(addresses)")
                for (asker, name) in [("d1", "nick"), ("d1", "c1"), ("c1", "mate"), ("c1", "d1")] {
                    let ping = try await docker(machine, "exec \(asker) ping -c 1 -W 5 \(name)")
                    #expect(ping.status == 0, "\(turn), \(asker) to \(name): \(ping.err)")
                }
                #expect(try await docker(machine, "exec d1 ping -c 1 -W 1 mate").status != 0)
                #expect(try await machine.berth("system", "check").status == 0)
                try await docker(machine, "restart -t 0 c1")
            }
            #expect(try await docker(machine, "network disconnect na c1").status == 0)
            #expect(try await defaultRoute(machine) == "default via 10.71.2.1 dev eth0")
            let hosts = try await docker(machine, "exec c1 cat /etc/hosts").out
            #expect(!hosts.contains("10.71.1.77"), "\(hosts)")
            #expect(try await docker(machine, "exec d1 ping -c 1 -W 1 c1").status != 0)
            #expect(try await docker(machine, "exec c1 ip link show eth1").status != 0)
            let events = try await docker(
                machine,
                "events --since 1h --until 0s --filter type=network --format {{.Action}}"
            )
            let seen = events.lines.filter { $0.hasSuffix("connect") }
            #expect(seen.last == "disconnect" && seen.contains("connect"), "\(events.out)")
        }
    }

    @Test("names of another project's containers are known as soon as a command has returned")
    func neighbours() async throws {
        try await with { machine in
            try machine.write(
                """
                services: {web: {image: box, command: sleep 1000, stop_signal: SIGKILL, networks: [na]}}
                networks: {na: {external: true, name: na}}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            func finds(_ name: String) async throws -> Bool {
                try await machine.berth("exec", "-T", "web", "nslookup", name).status == 0
            }
            for turn in 1...3 {
                #expect(try await !finds("early"))
                try await run(machine, "--name c1 --network na --network-alias early")
                #expect(try await finds("early"), "\(turn)")
                #expect(try await docker(machine, "network disconnect na c1").status == 0)
                #expect(try await !finds("early"), "\(turn)")
                #expect(
                    try await docker(machine, "network connect --alias late na c1").status == 0
                )
                #expect(try await finds("late"), "\(turn)")
                #expect(try await docker(machine, "rm -f c1").status == 0)
                #expect(try await !finds("late"), "\(turn)")
            }
            #expect(try await machine.berth("down").status == 0)
        }
    }

    @Test("gw_priority moves the way out, and a network that has both families comes before it")
    func priorities() async throws {
        try await with { machine in
            try await run(machine, "--name c1 --network na")
            let make = try await docker(
                machine,
                "network create --ipv6 --subnet 10.71.4.0/24 --subnet fd71:4::/64 nv"
            )
            try #require(make.status == 0, "\(make.err)")
            for (words, route) in [
                ("connect nb c1", "10.71.1.1 dev eth0"),
                ("disconnect nb c1", "10.71.1.1 dev eth0"),
                ("connect --gw-priority 1 nb c1", "10.71.2.1 dev eth1"),
                ("connect ni c1", "10.71.2.1 dev eth1"),
                (
                    "connect --driver-opt com.docker.network.endpoint.ifname=six nv c1",
                    "10.71.4.1 dev six"
                ),
                ("disconnect nv c1", "10.71.2.1 dev eth1"),
                ("disconnect nb c1", "10.71.1.1 dev eth0"), ("disconnect na c1", ""),
                ("connect nb c1", "10.71.2.1 dev eth0"),
            ] {
                let changed = try await docker(machine, "network \(words)")
                #expect(changed.status == 0, "\(words): \(changed.err)")
                let found = try await defaultRoute(machine)
                #expect(found == (route.isEmpty ? "" : "default via \(route)"), "\(words)")
            }
            try await docker(machine, "rm -f c1")
            try await docker(machine, "network rm nv")
        }
    }

    @Test("ports are published through the network that leads out, whichever that is")
    func ports() async throws {
        try await with { machine in
            let made = try await docker(
                machine,
                "run -d --name c1 --stop-timeout 0 --network ni -p 18080:80 box httpd -f -h /bin"
            )
            try #require(made.status == 0, "\(made.err)")
            /// By either family: reached is 0, refused 1, and no answer at all 124.
            func reach() async throws -> [Int32] {
                var statuses: [Int32] = []
                for host in ["127.0.0.1", "::1"] {
                    statuses += [
                        try await machine.run([
                            "timeout", "3", "/bin/bash", "-c", "exec 3<>/dev/tcp/\(host)/18080",
                        ]).status
                    ]
                }
                return statuses
            }
            #expect(try await reach() == [1, 1])
            for (words, isOpen) in [
                ("connect na c1", true), ("connect --gw-priority 1 nb c1", true),
                ("disconnect na c1", true), ("disconnect nb c1", false), ("connect nb c1", true),
            ] {
                let changed = try await docker(machine, "network \(words)")
                #expect(changed.status == 0, "\(words): \(changed.err)")
                #expect(try await reach() == (isOpen ? [0, 0] : [1, 1]), "\(words)")
                let listed = try await docker(machine, "port c1").out
                #expect(listed.isEmpty != isOpen, "\(words): \(listed)")
                let places = try await docker(machine, "port c1 80/tcp").lines
                #expect(
                    places
                        == listed.split(separator: "\n").map { $0.dropFirst(10) }.map(String.init)
                )
            }
            // They are held by whoever keeps it, also after one that was killed.
            let file = machine.folder.appending(path: "root/locks/_/supervisor")
            func supervisor() -> pid_t? {
                let text = try? String(contentsOf: file, encoding: .utf8)
                return text?.split(separator: " ").first.flatMap { pid_t($0) }
            }
            let former = try #require(supervisor())
            kill(former, SIGKILL)
            try await machine.until("another one holds the port") {
                guard let next = supervisor(), next != former else { return false }
                let held = try await machine.run(["ss", "-Hlnpt", "sport = :18080"])
                return held.lines.count(where: { $0.contains("pid=\(next),") }) == 2
            }
            #expect(try await reach() == [0, 0])
            let taken = try await docker(machine, "run --rm -p 18080:80 box true")
            #expect(taken.status == 125 && taken.err.contains("c1"), "\(taken.err)")
            #expect(try await machine.berth("system", "check").status == 0)
        }
    }

    @Test("what does not run is connected when it is started")
    func stopped() async throws {
        try await with { machine in
            try #require(
                try await docker(
                    machine,
                    "create --name c1 --stop-timeout 0 --network na box sleep 9"
                )
                .status == 0
            )
            #expect(try await docker(machine, "network connect --ip 10.71.2.9 nb c1").status == 0)
            #expect(try await docker(machine, "network disconnect na c1").status == 0)
            #expect(try await docker(machine, "start c1").status == 0)
            let addresses = try await docker(machine, "exec c1 ip -4 address").out
            #expect(addresses.contains("10.71.2.9/24") && !addresses.contains("10.71.1."))
        }
    }

    @Test("up leaves what was connected by hand, and gives back what its file says")
    func projects() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
                """
            )
            try #require(try await machine.berth("up", "-d").status == 0)
            let name = "\(machine.project)-web-1"
            func id() async throws -> String {
                try await docker(machine, "inspect -f {{.Id}} \(name)").out
            }
            func networks() async throws -> Set<String> {
                let out = try await machine.run([
                    TestMachine.berth, "docker", "inspect", "-f",
                    "{{json .NetworkSettings.Networks}}", name,
                ]).out
                let settings = try JSONSerialization.jsonObject(with: Data(out.utf8))
                return Set((settings as? [String: Any] ?? [:]).keys)
            }
            let own = "\(machine.project)_default"
            let first = try await id()
            #expect(try await docker(machine, "network connect na \(name)").status == 0)
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await id() == first, "a connection by hand recreated it")
            #expect(try await networks() == [own, "na"])
            #expect(try await docker(machine, "network disconnect \(own) \(name)").status == 0)
            let plan = try await machine.berth("plan")
            #expect(plan.out.contains("networks"), "\(plan.out)\(plan.err)")
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await id() != first)
            #expect(try await networks() == [own])
            #expect(try await machine.berth("down").status == 0)
        }
    }

    @Test("kernel parameters of a link are set with docker's option, and again with each start")
    func linkParameters() async throws {
        try await with { machine in
            let option = "com.docker.network.endpoint.sysctls"
            let made = try await machine.docker(
                "run",
                "-d",
                "--name",
                "c1",
                "--stop-timeout",
                "0",
                "--network",
                "\"name=na\",\"driver-opt=\(option)=net.ipv4.conf.IFNAME.log_martians=1,"
                    + "net.ipv4.neigh.IFNAME.gc_stale_time=7\"",
                "box",
                "sleep",
                "1000"
            )
            #expect(made.status == 0, "\(made.err)")
            let words = "--driver-opt \(option)=net.ipv4.conf.IFNAME.log_martians=1 nb c1"
            let connected = try await docker(machine, "network connect \(words)")
            #expect(connected.status == 0, "\(connected.err)")
            for turn in ["at once", "after a restart"] {
                let values = try await docker(
                    machine,
                    "exec c1 cat /proc/sys/net/ipv4/conf/eth0/log_martians "
                        + "/proc/sys/net/ipv4/neigh/eth0/gc_stale_time "
                        + "/proc/sys/net/ipv4/conf/eth1/log_martians"
                )
                #expect(values.lines == ["1", "7", "1"], "\(turn): \(values)")
                try await docker(machine, "restart -t 0 c1")
            }
            try await docker(machine, "rm -f c1")
            for (value, text) in [
                ("net.ipv4.ip_forward=1", "unrecognised network interface sysctl"),
                ("net.ipv4.conf.IFNAME.../x=1", "unrecognised network interface sysctl"),
                ("net.ipv4.conf.IFNAME.nope=1", "net.ipv4.conf.eth0.nope"),
                ("net.ipv4.conf.IFNAME.log_martians=zz", "log_martians"),
                ("net.ipv4.conf.IFNAME.log_martians", "format name=value"),
            ] {
                let refused = try await docker(
                    machine,
                    "run --rm --network name=na,driver-opt=\(option)=\(value) box true"
                )
                #expect(refused.status == 125, "\(value): \(refused)")
                #expect(refused.err.contains(text), "\(value): \(refused.err)")
            }
        }
    }

    @Test("none is left for other networks, and entered by what is on none")
    func none() async throws {
        try await with { machine in
            try await run(machine, "--name c1 --network none")
            for (words, status, isOnNone) in [
                ("connect none c1", 1, true), ("disconnect none c1", 0, false),
                ("disconnect none c1", 1, false), ("connect na c1", 0, false),
                ("connect none c1", 1, false), ("disconnect na c1", 0, false),
                ("connect none c1", 0, true),
            ] {
                let changed = try await docker(machine, "network \(words)")
                #expect(changed.status == status, "\(words): \(changed.err)")
                let shown = try await machine.docker(
                    "inspect",
                    "-f",
                    "{{json .NetworkSettings.Networks}}",
                    "c1"
                ).out
                #expect(shown.contains(#""none""#) == isOnNone, "\(words): \(shown)")
            }
            try await docker(machine, "restart -t 0 c1")
            #expect(try await docker(machine, "exec c1 ip link show eth0").status != 0)
        }
    }

    @Test("refusals are docker's")
    func refusals() async throws {
        try await with { machine in
            try await run(machine, "--name c1 --network na")
            try await run(machine, "--name d1 --network none")
            try await run(machine, "--name e1 --network container:c1")
            let id = try await docker(machine, "inspect -f {{.Id}} c1").out.dropLast()
            let none =
                "container cannot be connected to multiple networks with one of the networks in "
                + "private (none) mode"
            for (words, text) in [
                ("connect na c1", "endpoint with name c1 already exists in network na"),
                ("connect nope c1", "network nope not found"),
                ("connect nb nope", "No such container: nope"),
                (
                    "connect host c1",
                    "cannot connect container to host network - container must be created in host "
                        + "network mode"
                ),
                ("connect none c1", none), ("connect na d1", none),
                (
                    "connect nb e1",
                    "container sharing network namespace with another container or host cannot be "
                        + "connected to any other network"
                ),
                ("connect --link-local-ip 1.2.3.4 nb c1", "invalid link local IP address: 1.2.3.4"),
                ("disconnect nb c1", "container \(id) is not connected to network nb"),
                ("disconnect -f nb nope", "endpoint nope not found"),
                (
                    "disconnect host c1",
                    "cannot disconnect container from host network - container was created in host "
                        + "network mode"
                ),
            ] {
                let refused = try await docker(machine, "network \(words)")
                #expect(refused.status == 1, "\(words)")
                #expect(
                    refused.err.contains("Error response from daemon: \(text)"),
                    "\(refused.err)"
                )
            }
            let outside = try await docker(machine, "network connect --ip 10.9.9.9 nb c1")
            #expect(outside.status == 1 && outside.err.contains("10.9.9.9"), "\(outside.err)")
            #expect(try await docker(machine, "network disconnect na c1").status == 0)
            #expect(try await docker(machine, "exec c1 ip link show eth0").status != 0)
        }
    }
}
