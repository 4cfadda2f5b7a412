import Addresses
import CLinux
import Glibc
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

/// The kernel compared with the records, and watched.
@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ComparisonTests {
    private let machine: TestMachine
    private let shop: NetworkConfiguration
    private let port: PublishedPort
    private let web: SharedFD
    private var kernel: NetworkKernel { machine.kernel }

    init() async throws {
        machine = try await TestMachine()
        shop = try network("shop", "172.20.0.0/16")
        port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.ensure(shop)
        web = try await machine.container(port.containerID, on: [(shop, port.ipv4)])
        try await machine.kernel.publish([port], through: shop)
    }

    private var connection: ExpectedConnection {
        ExpectedConnection(
            Endpoint(
                containerID: port.containerID,
                interfaceName: "eth0",
                addresses: [port.containerAddress],
                isDefaultRoute: true
            ),
            to: shop
        )
    }

    private var expected: NetworkExpectation {
        var expected = NetworkExpectation()
        expected.networks = [shop]
        expected.connections = [connection]
        expected.ports = [port]
        return expected
    }

    /// What somebody may do to us.
    enum Damage: CaseIterable {
        case tableRemoved, rulesRemoved, portRemoved, bridgeRemoved, bridgeDown, addressRemoved
        case linkRemoved, linkLoose, forwardingOff, reversePathOff, wallRemoved, wallReplaced
        case wallForged, wallIdle, learningUnbounded
    }

    private func damage(_ damage: Damage) async throws {
        let (shop, port) = (shop, port)
        let veth = connection.linkName
        switch damage {
        case .tableRemoved:
            try await machine.changeFirewall([NFTables.delete(table: HostTable.name)])
        case .rulesRemoved:
            var chain = HostTable.table.chains[0]
            chain.rules = []
            try await machine.changeFirewall(
                NFTables.install(Table(name: HostTable.name, chains: [chain]))
            )
        case .portRemoved:
            try await machine.changeFirewall(
                NFTables.delete(
                    [HostTable.element(of: port, in: "")],
                    table: HostTable.name,
                    action: "harm"
                )
            )
        case .bridgeRemoved: try await machine.change(.delete(shop.bridgeName))
        case .bridgeDown: try await machine.change(.down(shop.bridgeName))
        case .addressRemoved: try await machine.change(.withoutAddress(shop))
        case .linkRemoved: try await machine.change(.delete(veth))
        case .linkLoose: try await machine.change(.loose(veth))
        case .forwardingOff: try await machine.setForwarding(false)
        case .reversePathOff:
            try await NamespaceThread.run(in: machine.host) {
                try Sysctl.write("0", to: "ipv4/conf/\(shop.bridgeName)/rp_filter")
            }
        case .wallRemoved: try await machine.change(.withoutFilters(veth))
        case .wallReplaced: try await machine.change(.openFilter(veth))
        case .wallForged:
            try await machine.change(.forgedFilter(veth, connection.endpoint))
        case .wallIdle: try await machine.change(.idleFilter(veth, connection.endpoint))
        case .learningUnbounded: try await machine.change(.learningAnyNumber(shop.bridgeName))
        }
    }

    private func repair(_ faults: [NetworkFault]) async throws {
        for fault in faults {
            switch fault.subject {
            case .host, .network: try await kernel.ensure(shop)
            case .missingLink(let connection):
                try await kernel.attach(connection.endpoint, to: shop, netns: web)
            case .looseLink(let connection): try await kernel.reattach(connection)
            case .port(let port): try await kernel.publish([port], through: shop)
            case .admission: try await kernel.admit()
            }
        }
    }

    @Test(
        "what was broken behind our back is seen, told, and comes back",
        arguments: Damage.allCases
    )
    func seen(_ damage: Damage) async throws {
        let bridge = shop.bridgeName
        let learned = try await NamespaceThread.run(in: machine.host) {
            var route = try NetlinkSocket(.route)
            return try route.link(bridge).maximumLearned
        }
        // Linux 6.8 and later.
        if damage == .learningUnbounded, learned == nil { return }
        let greeter = try await Greeter(in: web, port: 80)
        #expect(try await kernel.faults(against: expected) == [])
        let watch = try await kernel.watch()
        let (id, network) = (port.containerID, shop)
        watch.change { $0.add(id, on: [network]) }
        try await self.damage(damage)
        try #require(await watch.tells(), "\(damage) is not told")
        let faults = try await kernel.faults(against: expected)
        #expect(!faults.isEmpty, "\(damage) is not seen")
        try await repair(faults)
        // The repair is told as well: who looks again finds nothing to do, and that is told nobody.
        var looks = 0
        while await watch.tells(within: .milliseconds(100)) {
            looks += 1
            // Once each by rtnetlink and by nf_tables.
            try #require(looks <= 2, "\(damage) is told again and again")
            #expect(try await kernel.faults(against: expected) == [])
        }
        #expect(try await kernel.faults(against: expected) == [])
        let (neighbour, host) = (machine.neighbour, machine.host)
        #expect(
            try await Talk.from(neighbour, to: TestMachine.hostAddress, 8080)
                == .answered("192.0.2.2")
        )
        #expect(
            try await Talk.from(host, to: address("127.0.0.1"), 8080) == .answered("172.20.0.1")
        )
        withExtendedLifetime(greeter) {}
    }

    @Test("a repaired filter is told once, for one more look")
    func toldOnce() async throws {
        let watch = try await kernel.watch()
        let (id, network) = (port.containerID, shop)
        watch.change { $0.add(id, on: [network]) }
        try await damage(.wallForged)
        try #require(await watch.tells())
        try await repair(try await kernel.faults(against: expected))
        #expect(await watch.tells())
        #expect(try await kernel.faults(against: expected) == [])
        #expect(await !watch.tells(within: .milliseconds(100)))
    }

    @Test(
        "the kernel gives a link's program the tag that is worked out here",
        arguments: [false, true]
    )
    func tag(administersNetwork: Bool) async throws {
        var endpoint = connection.endpoint
        endpoint.administersNetwork = administersNetwork
        let program = LinkProgram(for: endpoint)
        let tag = try program.tagInKernel()
        #expect(program.likelyTags.contains(tag))
        #expect(program.has(tag: tag))
        var other = program
        other.instructions[0] = program.instructions[0] ^ 1 << 32
        #expect(!other.likelyTags.contains(tag))
        endpoint.addresses = [.v4(try address("172.20.0.3"))]
        endpoint.administersNetwork = false
        #expect(!LinkProgram(for: endpoint).has(tag: tag))
    }

    @Test("what others do, and what we do for others, is not told")
    func indifferent() async throws {
        let watch = try await kernel.watch()
        let (id, shop) = (port.containerID, shop)
        watch.change { $0.add(id, on: [shop]) }
        let other = try network("other", "172.21.0.0/16")
        let container = randomID()
        try await kernel.ensure(other)
        let netns = try await machine.container(container, on: [(other, address("172.21.0.2"))])
        let second = try publishedPort(8081, to: "172.21.0.2")
        try await kernel.publish([second], through: other)
        try await kernel.unpublish([second], through: other)
        try await kernel.detach(containerID: container, from: [other])
        try await kernel.remove(other)
        try await machine.changeFirewall(
            NFTables.install(Table(name: "others")) + [NFTables.delete(table: "others")]
        )
        // What is told is told in order: this alone is of interest.
        #expect(await !watch.tells(within: .milliseconds(100)))
        // Nor is anything once nobody is kept.
        watch.change { $0.remove(id) }
        try await damage(.linkRemoved)
        #expect(await !watch.tells(within: .milliseconds(100)))
        withExtendedLifetime(netns) {}
    }

    @Test("a network of which no port is published keeps containers from the host's loopback")
    func loopback() async throws {
        func routesLoopback() async throws -> Bool {
            let name = shop.bridgeName
            return try await NamespaceThread.run(in: machine.host) {
                try Sysctl.read("ipv4/conf/\(name)/route_localnet") == "1"
            }
        }
        #expect(try await routesLoopback())
        try await kernel.unpublish([port], through: shop)
        #expect(try await !routesLoopback())
        var outside = port
        outside.hostAddress = .v4(TestMachine.hostAddress)
        try await kernel.publish([outside], through: shop)
        #expect(try await !routesLoopback())
    }

    @Test(
        "without the firewall, the host's loopback is still out of reach",
        arguments: [false, true]
    )
    func secondWall(filtersBridges: Bool) async throws {
        try await NamespaceThread.run(in: machine.host) {
            try Sysctl.write(filtersBridges ? "1" : "0", to: "bridge/bridge-nf-call-iptables")
        }
        let secret = try await Greeter(in: machine.host, port: 631, at: address("127.0.0.1"))
        try await NamespaceThread.run(in: web) {
            try Sysctl.write("1", to: "ipv4/conf/all/route_localnet")
            var route = try NetlinkSocket(.route)
            try route.perform([Requests.removeLoopbackAddress()])
            try route.perform([Requests.route("127.0.0.0/8", via: address("172.20.0.1"))])
        }
        try await damage(.tableRemoved)
        #expect(try await Talk.from(web, to: address("127.0.0.1"), 631) == .nothing)
        // It would be in reach if it was not for the filter of the link.
        try await damage(.wallRemoved)
        #expect(
            try await Talk.from(web, to: address("127.0.0.1"), 631) == .answered("172.20.0.2")
        )
        withExtendedLifetime(secret) {}
    }

    @Test("forwarding that we turned on is turned off with the last network, after a flush, too")
    func forwardingAfterFlush() async throws {
        let machine = try await TestMachine()
        try await machine.setForwarding(false)
        #expect(try await machine.kernel.ensure(shop).ipv4WasOff == true)
        try await machine.changeFirewall([NFTables.delete(table: HostTable.name)])
        try await machine.kernel.remove(shop, before: FormerForwarding(ipv4WasOff: true))
        #expect(try await !machine.forwards())
        // A host that was a router stays one, whatever happened meanwhile.
        try await machine.setForwarding(true)
        #expect(try await machine.kernel.ensure(shop).ipv4WasOff == false)
        try await machine.setForwarding(false)
        let former = FormerForwarding(ipv4WasOff: false)
        #expect(try await machine.kernel.ensure(shop, before: former) == former)
        try await machine.kernel.remove(shop, before: FormerForwarding(ipv4WasOff: false))
        #expect(try await machine.forwards())
    }
}

extension NetworkWatch {
    /// Whether it tells of a change within a time.
    func tells(within patience: Duration = .seconds(5)) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [changes] in
                for await _ in changes { return true }
                return false
            }
            group.addTask {
                // `try?`: cancelled when the other was first.
                try? await Task.sleep(for: patience)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
