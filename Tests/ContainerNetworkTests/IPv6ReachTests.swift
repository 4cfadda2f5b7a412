import Addresses
import CLinux
import Glibc
import Linux
import TestSupport
import Testing

@testable import ContainerNetwork

/// Who reaches whom by IPv6.
@Suite(
    "root: IPv6, reach",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct IPv6ReachTests {
    private let machine: TestMachine
    private let shop, other: NetworkConfiguration
    private let web, peer, stranger: SharedFD
    private let port: PublishedPort
    private let connection: ExpectedConnection
    private static let outside = ipv6("fd00:99::1")
    private static let short = Duration.milliseconds(300)

    init() async throws {
        machine = try await TestMachine()
        shop = try dualNetwork("shop", "172.20.0.0/16", "fd00:20::/64")
        other = try dualNetwork("other", nil, "fd00:21::/64")
        for network in [shop, other] { try await machine.kernel.ensure(network) }
        let id = randomID()
        web = try await machine.container(id, on: shop, Self.addresses(2))
        peer = try await machine.container(randomID(), on: shop, Self.addresses(3))
        stranger = try await machine.container(
            randomID(),
            on: other,
            [.v6(ipv6("fd00:21::2"))]
        )
        port = PublishedPort(
            containerID: id,
            hostAddress: .any(.v6),
            hostPort: 8080,
            transport: .tcp,
            containerAddress: .v6(ipv6("fd00:20::2")),
            containerPort: 80
        )
        connection = ExpectedConnection(
            Endpoint(
                containerID: id,
                interfaceName: "eth0",
                addresses: Self.addresses(2),
                isDefaultRoute: true
            ),
            to: shop
        )
        for (netns, own) in [(machine.host, Self.outside), (machine.neighbour, ipv6("fd00:99::2"))]
        {
            try await NamespaceThread.run(in: netns) {
                var route = try NetlinkSocket(.route)
                try route.perform([
                    Requests.addIPv6(own, link: try route.link("wan0").index)
                ])
                try route.awaitUp("wan0", action: "cable")
            }
        }
    }

    private static func addresses(_ number: UInt32) -> [IPAddress] {
        [.v4(IPv4Address(172 << 24 | 20 << 16 | number)), .v6(ipv6("fd00:20::\(number)"))]
    }

    /// What the server says of who asks it; nil without an answer.
    private func ask(
        _ address: IPv6Address,
        _ port: UInt16,
        from netns: SharedFD,
        _ kind: InternetSocket.Kind = .stream,
        patience: Duration = .seconds(5)
    ) async throws -> String? {
        let place = SocketAddress(.v6(address), port: port)
        let socket = try await NamespaceThread.run(in: netns) { () -> InternetSocket? in
            let socket = try InternetSocket(kind, family: .v6)
            do throws(SyscallError) { try socket.connect(place) } catch { return nil }
            return socket
        }
        guard let socket else { return nil }
        return await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                if kind == .datagram { try socket.sendNow([63], to: place) }
                return String(decoding: try await socket.fd.read(upTo: 100), as: UTF8.self)
            }
            group.addTask {
                // What comes in time ends it before.
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            // `try?`: a connection that is refused is no answer.
            return try? await group.next() ?? nil
        }
    }

    private func serve(in netns: SharedFD, port: UInt16) async throws -> Task<Void, Never> {
        let (tcp, udp) = try await NamespaceThread.run(in: netns) {
            let place = SocketAddress(.v6(.any), port: port)
            let tcp = try InternetSocket(.stream, family: .v6)
            try tcp.bind(place)
            try tcp.listen(backlog: 8)
            let udp = try InternetSocket(.datagram, family: .v6)
            try udp.bind(place)
            return (tcp, udp)
        }
        // Cancelled by whoever asked for it.
        return Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while (try? await Readiness.readable(tcp.fd)) != nil {
                        guard let client = try? tcp.acceptNow() else { continue }
                        client.fd.with { number in
                            var name = sockaddr_in6()
                            var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
                            withUnsafeMutableBytes(of: &name) {
                                _ = getpeername(
                                    number,
                                    $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                                    &length
                                )
                            }
                            let bytes = withUnsafeBytes(of: name.sin6_addr) { Array($0) }
                            let text = IPv6Address(bytes: bytes)?.description ?? ""
                            _ = text.withCString { write(number, $0, strlen($0)) }
                        }
                    }
                }
                group.addTask {
                    while (try? await Readiness.readable(udp.fd)) != nil {
                        guard let (_, sender) = try? udp.receiveNow() else { continue }
                        _ = try? udp.sendNow(Array("\(sender.address)".utf8), to: sender)
                    }
                }
            }
        }
    }

    @Test("neighbours and the host reach a container, other networks and outsiders do not")
    func isolation() async throws {
        let server = try await serve(in: web, port: 80)
        defer { server.cancel() }
        let address = ipv6("fd00:20::2")
        #expect(try await ask(address, 80, from: peer) == "fd00:20::3")
        #expect(try await ask(address, 80, from: machine.host) == "fd00:20::1")
        #expect(try await ask(address, 80, from: stranger, patience: Self.short) == nil)
        // Nor the host by the other network's gateway.
        let host = try await serve(in: machine.host, port: 25)
        defer { host.cancel() }
        #expect(try await ask(ipv6("fd00:21::1"), 25, from: stranger) == "fd00:21::2")
        #expect(try await ask(ipv6("fd00:20::1"), 25, from: stranger, patience: Self.short) == nil)
    }

    @Test(
        "a published port works from everywhere it should",
        arguments: [InternetSocket.Kind.stream, .datagram],
        [false, true]
    )
    func published(kind: InternetSocket.Kind, filtersBridges: Bool) async throws {
        try await NamespaceThread.run(in: machine.host) {
            try Sysctl.write(filtersBridges ? "1" : "0", to: "bridge/bridge-nf-call-ip6tables")
        }
        let server = try await serve(in: web, port: 80)
        defer { server.cancel() }
        var all = port
        all.transport = kind == .stream ? .tcp : .udp
        var own = all
        own.hostAddress = .v6(ipv6("::1"))
        own.hostPort = 8081
        try await machine.kernel.publish([all, own], through: shop)
        #expect(try await ask(Self.outside, 8080, from: machine.neighbour, kind) == "fd00:99::2")
        #expect(try await ask(Self.outside, 8080, from: machine.host, kind) == "fd00:20::1")
        #expect(try await ask(ipv6("::1"), 8080, from: machine.host, kind) == "fd00:20::1")
        #expect(try await ask(ipv6("::1"), 8081, from: machine.host, kind) == "fd00:20::1")
        #expect(
            try await ask(Self.outside, 8081, from: machine.neighbour, kind, patience: Self.short)
                == nil
        )
        #expect(try await ask(ipv6("fd00:20::1"), 8080, from: peer, kind) != nil)
        #expect(try await ask(Self.outside, 8080, from: stranger, kind) == "fd00:21::2")
        try await machine.kernel.unpublish([all, own], through: shop)
        #expect(
            try await ask(Self.outside, 8080, from: machine.neighbour, kind, patience: Self.short)
                == nil
        )
        #expect(
            try await ask(ipv6("::1"), 8081, from: machine.host, kind, patience: Self.short) == nil
        )
    }

    @Test("containers speak to the outside with the host's address")
    func masquerade() async throws {
        let server = try await serve(in: machine.neighbour, port: 25)
        defer { server.cancel() }
        #expect(try await ask(ipv6("fd00:99::2"), 25, from: web) == "fd00:99::1")
        #expect(try await ask(ipv6("fd00:99::2"), 25, from: stranger) == "fd00:99::1")
    }

    @Test("a network without IPv6 has none inside, and an internal one no way out")
    func without() async throws {
        let plain = try network("plain", "172.22.0.0/16")
        let closed = try dualNetwork("closed", nil, "fd00:22::/64", isInternal: true)
        for network in [plain, closed] { try await machine.kernel.ensure(network) }
        let four = try await machine.container(randomID(), on: plain, [.v4(address("172.22.0.2"))])
        let setting = try await NamespaceThread.run(in: four) {
            try Sysctl.read("ipv6/conf/eth0/disable_ipv6")
        }
        #expect(setting == "1")
        let first = try await machine.container(randomID(), on: closed, [.v6(ipv6("fd00:22::2"))])
        let second = try await machine.container(randomID(), on: closed, [.v6(ipv6("fd00:22::3"))])
        let servers = [
            try await serve(in: second, port: 80), try await serve(in: machine.host, port: 25),
            try await serve(in: machine.neighbour, port: 25),
        ]
        defer { servers.forEach { $0.cancel() } }
        #expect(try await ask(ipv6("fd00:22::3"), 80, from: first) == "fd00:22::2")
        #expect(try await ask(ipv6("fd00:22::3"), 80, from: machine.host) == "fd00:22::1")
        #expect(try await ask(ipv6("fd00:22::1"), 25, from: first, patience: Self.short) == nil)
        #expect(try await ask(ipv6("fd00:99::2"), 25, from: first, patience: Self.short) == nil)
    }

    @Test("the host's forwarding is as it was before, and what others do to it is found")
    func compared() async throws {
        var expected = NetworkExpectation()
        expected.networks = [shop, other]
        expected.connections = [connection]
        expected.ports = [port]
        try await machine.kernel.publish([port], through: shop)
        #expect(try await machine.kernel.faults(against: expected) == [])
        let bridge = shop.bridgeName
        try await NamespaceThread.run(in: machine.host) {
            try Sysctl.write("0", to: "ipv6/conf/all/forwarding")
            // Its addresses and routes of IPv6 go with it.
            var route = try NetlinkSocket(.route)
            try route.perform([Requests.setDown(bridge), RouteRequest.setUp(bridge)])
        }
        let faults = try await machine.kernel.faults(against: expected).map(\.description)
        for part in [
            "net.ipv6.conf.all.forwarding: it is 0", "lost its address fd00:20::1",
            "lost its route for ::1",
        ] { #expect(faults.contains { $0.contains(part) }, "\(part) in \(faults)") }
        try await machine.kernel.ensure(shop)
        #expect(try await machine.kernel.faults(against: expected) == [])

        try await machine.kernel.unpublish([port], through: shop)
        for network in [shop, other] { try await machine.kernel.remove(network) }
        let forwards = try await NamespaceThread.run(in: machine.host) {
            try Forwarding.isOn(.v6)
        }
        #expect(!forwards)
    }
}
