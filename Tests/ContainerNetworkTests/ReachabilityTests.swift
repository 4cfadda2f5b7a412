import Addresses
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

/// Who reaches whom, on a real kernel.
@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ReachabilityTests {
    /// Two networks with a way out, one without; a server on every one.
    private struct Town {
        let machine: TestMachine
        let front, back, vault: NetworkConfiguration
        let web, client, database, safe: SharedFD
        let servers: [Greeter]

        /// `filtersBridges`: whether br_netfilter shows bridged packets to the firewall, as it does on
        /// machines with Docker.
        init(filtersBridges: Bool = false) async throws {
            machine = try await TestMachine()
            try await NamespaceThread.run(in: machine.host) {
                try Sysctl.write(
                    filtersBridges ? "1" : "0",
                    to: "bridge/bridge-nf-call-iptables"
                )
            }
            front = try network("front", "172.20.0.0/16")
            back = try network("back", "172.21.0.0/16")
            vault = try network("vault", "172.22.0.0/16", isInternal: true)
            for network in [front, back, vault] { try await machine.kernel.ensure(network) }
            web = try await machine.container(randomID(), on: [(front, address("172.20.0.2"))])
            client = try await machine.container(
                randomID(),
                on: [(front, address("172.20.0.3")), (vault, address("172.22.0.3"))]
            )
            database = try await machine.container(randomID(), on: [(back, address("172.21.0.2"))])
            safe = try await machine.container(randomID(), on: [(vault, address("172.22.0.2"))])
            servers = [
                try await Greeter(in: web, port: 80), try await Greeter(in: database, port: 80),
                try await Greeter(in: safe, port: 80),
                try await Greeter(in: machine.host, port: 22),
                try await Greeter(in: machine.host, port: 631, at: address("127.0.0.1")),
                try await Greeter(in: machine.neighbour, port: 25),
            ]
        }
    }

    @Test(
        "containers reach each other on a shared network, the outside, and nothing else",
        arguments: [false, true]
    )
    func isolation(filtersBridges: Bool) async throws {
        let town = try await Town(filtersBridges: filtersBridges)
        func check(
            _ from: SharedFD,
            _ to: String,
            _ port: UInt16,
            _ expected: Talk,
            _ location: SourceLocation = #_sourceLocation
        ) async throws {
            let talk = try await Talk.from(from, to: address(to), port)
            #expect(talk == expected, "to \(to):\(port)", sourceLocation: location)
        }
        // The same network, directly.
        try await check(town.client, "172.20.0.2", 80, .answered("172.20.0.3"))
        try await check(town.client, "172.22.0.2", 80, .answered("172.22.0.3"))
        // The outside, with the host's address.
        try await check(town.web, "192.0.2.2", 25, .answered("192.0.2.1"))
        // The host's services, through the own gateway and its outside address, as with Docker.
        try await check(town.web, "172.20.0.1", 22, .answered("172.20.0.2"))
        try await check(town.web, "192.0.2.1", 22, .answered("172.20.0.2"))
        // Another network, and its gateway.
        try await check(town.web, "172.21.0.2", 80, .nothing)
        try await check(town.database, "172.20.0.2", 80, .nothing)
        try await check(town.web, "172.21.0.1", 22, .nothing)
        // An internal network has no way in or out, not even to the host.
        try await check(town.web, "172.22.0.2", 80, .nothing)
        try await check(town.safe, "172.22.0.1", 22, .nothing)
        await #expect(throws: SyscallError.self) {
            try await Talk.from(town.safe, to: address("192.0.2.2"), 25)
        }
        // From outside nobody gets in, and nothing is routed through.
        try await check(town.machine.neighbour, "172.20.0.2", 80, .nothing)
        try await check(town.machine.neighbour, "172.22.0.2", 80, .nothing)
        // The host itself may.
        try await check(town.machine.host, "172.20.0.2", 80, .answered("172.20.0.1"))
        try await check(town.machine.host, "172.22.0.2", 80, .answered("172.22.0.1"))
    }

    @Test(
        "a published port works from everywhere it should",
        arguments: TransportProtocol.allCases,
        [false, true]
    )
    func published(transport: TransportProtocol, filtersBridges: Bool) async throws {
        let town = try await Town(filtersBridges: filtersBridges)
        let ports = [
            PublishedPort(
                containerID: randomID(),
                hostAddress: .v4(.any),
                hostPort: 8080,
                transport: transport,
                containerAddress: .v4(try address("172.20.0.2")),
                containerPort: 80
            ),
            PublishedPort(
                containerID: randomID(),
                hostAddress: .v4(try address("127.0.0.1")),
                hostPort: 8081,
                transport: transport,
                containerAddress: .v4(try address("172.20.0.2")),
                containerPort: 80
            ),
        ]
        try await town.machine.kernel.publish(ports, through: town.front)
        func check(
            _ from: SharedFD,
            _ to: String,
            _ port: UInt16,
            _ expected: Talk,
            _ location: SourceLocation = #_sourceLocation
        ) async throws {
            let talk = try await Talk.from(from, to: address(to), port, transport)
            #expect(talk == expected, "to \(to):\(port)", sourceLocation: location)
        }
        // On every address: from outside with the client's own address, from the host, from
        // containers of the same and of other networks, from the container itself.
        try await check(town.machine.neighbour, "192.0.2.1", 8080, .answered("192.0.2.2"))
        try await check(town.machine.host, "127.0.0.1", 8080, .answered("172.20.0.1"))
        try await check(town.machine.host, "192.0.2.1", 8080, .answered("172.20.0.1"))
        try await check(town.client, "192.0.2.1", 8080, .answered("172.20.0.1"))
        try await check(town.web, "172.20.0.1", 8080, .answered("172.20.0.1"))
        try await check(town.database, "192.0.2.1", 8080, .answered("172.21.0.2"))
        try await check(town.database, "172.20.0.1", 8080, .nothing)
        // On the loopback: the host only.
        try await check(town.machine.host, "127.0.0.1", 8081, .answered("172.20.0.1"))
        try await check(town.machine.neighbour, "192.0.2.1", 8081, .refused)
        try await check(town.machine.neighbour, "127.0.0.1", 8081, .refused)
        // Internal networks do not get out by it.
        try await check(town.safe, "172.22.0.1", 8080, .nothing)
    }

    @Test("a neighbour that routes 127.0.0.1 to the host is not served")
    func forgedLoopback() async throws {
        let town = try await Town()
        try await town.machine.kernel.publish(
            [
                PublishedPort(
                    containerID: randomID(),
                    hostAddress: .v4(try address("127.0.0.1")),
                    hostPort: 8081,
                    transport: .tcp,
                    containerAddress: .v4(try address("172.20.0.2")),
                    containerPort: 80
                )
            ],
            through: town.front
        )
        // The neighbour has no 127.0.0.0/8 of its own any more and sends it to the host.
        for container in [town.machine.neighbour, town.web] {
            try await NamespaceThread.run(in: container) {
                try Sysctl.write("1", to: "ipv4/conf/all/route_localnet")
                var route = try NetlinkSocket(.route)
                try route.perform([Requests.removeLoopbackAddress()])
            }
            let gateway = container === town.web ? "172.20.0.1" : "192.0.2.1"
            try await NamespaceThread.run(in: container) {
                var route = try NetlinkSocket(.route)
                try route.perform([Requests.route("127.0.0.0/8", via: address(gateway))])
            }
            for port: UInt16 in [8081, 631] {
                #expect(
                    try await Talk.from(container, to: address("127.0.0.1"), port) == .nothing
                )
            }
        }
    }
}
