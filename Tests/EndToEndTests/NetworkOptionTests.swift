import Foundation
import TestSupport
import Testing

/// What the file asks of networks, of the links to them, and of names there.
@Suite("root: options of networks", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct NetworkOptionTests {
    private func with(
        _ project: String,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat ip ping nc echo")
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

    @Test("a link has the name, the address and the further addresses that it was given")
    func link() async throws {
        try await with(
            """
            services:
              web:
                image: box
                command: [sleep, "1000"]
                stop_grace_period: 0s
                networks:
                  one:
                    mac_address: 02:11:22:33:44:55
                    interface_name: lan0
                    link_local_ips: [169.254.77.1]
                    priority: 2
                  two: {}
              peer:
                image: box
                command: [sleep, "1000"]
                stop_grace_period: 0s
                mac_address: 02:11:22:33:44:66
                networks: {one: {link_local_ips: [169.254.77.2]}}
            networks:
              one: {driver_opts: {com.docker.network.driver.mtu: "1400"}}
              two: {}
            """
        ) { machine in
            let links = try await inside(machine, "web", "ip addr").out
            for part in ["lan0", "02:11:22:33:44:55", "mtu 1400", "169.254.77.1/16", "eth0"] {
                #expect(links.contains(part), "\(part) in \(links)")
            }
            let peer = try await inside(machine, "peer", "ip addr").out
            #expect(peer.contains("02:11:22:33:44:66"), "\(peer)")
            // By the further address, which the filter of the link lets through, and by the usual one.
            for target in ["169.254.77.2", "peer"] {
                let ping = try await inside(machine, "web", "ping -c 1 -W 5 \(target)")
                #expect(ping.status == 0, "\(ping.out)\(ping.err)")
            }
            #expect(try await machine.berth("system", "check").status == 0)
        }
    }

    @Test("on an isolated network the host has no address; containers reach each other")
    func isolated() async throws {
        try await with(
            """
            services:
              web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
              peer: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
            networks:
              default:
                internal: true
                driver_opts:
                  com.docker.network.bridge.name: bth-iso
                  com.docker.network.bridge.gateway_mode_ipv4: isolated
            """
        ) { machine in
            let bridge = try await machine.run(["ip", "addr", "show", "bth-iso"])
            #expect(bridge.status == 0 && !bridge.out.contains("inet "), "\(bridge.out)")
            let ping = try await inside(machine, "web", "ping -c 1 -W 5 peer")
            #expect(ping.status == 0, "\(ping.out)\(ping.err)")
            #expect(try await machine.berth("system", "check").status == 0)
            let open = try await machine.berth(
                "network",
                "create",
                "-o",
                "com.docker.network.bridge.gateway_mode_ipv4=isolated",
                "\(machine.project)-open"
            )
            #expect(open.status == 1 && open.err.contains("only be used for an internal network"))
        }
    }

    @Test("containers on a network without icc reach its gateway and not each other")
    func separated() async throws {
        try await with(
            """
            services:
              web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
              peer: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
            networks:
              default:
                driver_opts:
                  com.docker.network.bridge.name: apart0
                  com.docker.network.bridge.enable_icc: "false"
                  com.docker.network.bridge.enable_ip_masquerade: "false"
                ipam: {config: [{subnet: 10.66.0.0/24, aux_addresses: {a: 10.66.0.2}}]}
            """
        ) { machine in
            let bridge = try await machine.run(["ip", "-o", "link", "show", "apart0"])
            #expect(bridge.status == 0, "\(bridge.err)")
            let gateway = try await inside(machine, "web", "ping -c 1 -W 5 10.66.0.1")
            #expect(gateway.status == 0, "\(gateway.out)\(gateway.err)")
            let peer = try await inside(machine, "web", "ping -c 1 -W 1 peer")
            #expect(peer.status == 1, "\(peer.out)\(peer.err)")
            #expect(!peer.out.contains("10.66.0.2:") && !peer.out.contains("(10.66.0.2)"))
            let table = try await machine.run([
                "nft", "list", "set", "inet", "berth", "own-addresses",
            ])
            #expect(table.status != 0 || table.out.contains("apart0"), "\(table.out)")
            #expect(try await machine.berth("system", "check").status == 0)
        }
    }

    @Test("a link's other name leads to the service, or to a container of another project")
    func links() async throws {
        try await with(
            """
            services:
              web:
                image: box
                command: [sleep, "1000"]
                stop_grace_period: 0s
                links: ["db:store"]
              db: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
            """
        ) { machine in
            for name in ["store", "db-1", "db"] {
                let ping = try await inside(machine, "web", "ping -c 1 -W 5 \(name)")
                #expect(ping.status == 0, "\(name): \(ping.out)\(ping.err)")
            }
            // The name is the linking one's alone.
            #expect(try await inside(machine, "db", "ping -c 1 -W 5 store").status != 0)
            try machine.write(
                """
                services:
                  guest:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    external_links: ["\(machine.project)-db-1:away"]
                networks: {default: {name: "\(machine.project)_default", external: true}}
                """,
                to: "guest.yaml"
            )
            let guest = [TestMachine.berth, "-p", machine.project + "g", "-f", "guest.yaml"]
            let up = try await machine.run(guest + ["up", "-d"])
            #expect(up.status == 0, "\(up.err)")
            let ping = try await machine.run(
                guest + ["exec", "-T", "guest", "ping", "-c", "1", "away"]
            )
            #expect(ping.status == 0, "\(ping.out)\(ping.err)")
            #expect(try await machine.run(guest + ["down", "-t", "0"]).status == 0)
        }
    }

    @Test("a bridge of somebody else is not taken for a network that names it")
    func foreignBridge() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep")
            try await machine.run(["ip", "link", "add", "theirs0", "type", "bridge"])
            try machine.write(
                """
                services: {web: {image: box, command: [sleep, "1000"]}}
                networks: {default: {driver_opts: {com.docker.network.bridge.name: theirs0}}}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status != 0)
            #expect(up.err.contains("a link named theirs0 exists"), "\(up.err)")
            try await machine.berth("down")
            let there = try await machine.run(["ip", "-o", "addr", "show", "theirs0"])
            #expect(there.status == 0 && !there.out.contains("172."), "\(there.out)\(there.err)")
        }
    }
}
