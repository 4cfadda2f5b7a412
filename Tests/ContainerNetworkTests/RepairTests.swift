import Addresses
import CLinux
import Glibc
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

/// What the verbs promise when they are repeated, interrupted, or somebody else was at work.
@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct RepairTests {
    @Test("after a flush of the whole firewall, the same calls bring everything back")
    func flush() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        let port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.ensure(shop)
        let web = try await machine.container(port.containerID, on: [(shop, port.ipv4)])
        let greeter = try await Greeter(in: web, port: 80)
        try await machine.kernel.publish([port])
        let before = Set(try await machine.kernel.inventory())
        let neighbour = machine.neighbour
        let host = TestMachine.hostAddress
        #expect(try await Talk.from(neighbour, to: host, 8080) == .answered("192.0.2.2"))

        try await machine.changeFirewall([NFTables.delete(table: HostTable.name)])
        #expect(try await Talk.from(neighbour, to: host, 8080) == .refused)
        try await machine.kernel.ensure(shop)
        try await machine.kernel.publish([port])
        #expect(try await Talk.from(neighbour, to: host, 8080) == .answered("192.0.2.2"))
        #expect(Set(try await machine.kernel.inventory()) == before)
        withExtendedLifetime(greeter) {}
    }

    @Test("a rule removed or added by hand is put right, elements stay")
    func changedRules() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let whole = try await machine.rules()
        let elements = Set(try await machine.kernel.inventory())
        let damage = HostTable.table.chains[0]
        try await machine.changeFirewall(
            NFTables.install(Table(name: HostTable.name, chains: [emptied(damage)]))
        )
        #expect(try await machine.rules() != whole)
        try await machine.kernel.ensure(shop)
        #expect(try await machine.rules() == whole)
        #expect(Set(try await machine.kernel.inventory()) == elements)
    }

    @Test("the table of an earlier version is replaced, with all that stands in it")
    func earlierVersion() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        let port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.ensure(shop)
        let web = try await machine.container(port.containerID, on: [(shop, port.ipv4)])
        let greeter = try await Greeter(in: web, port: 80)
        try await machine.kernel.publish([port])
        let before = Set(try await machine.kernel.inventory())

        let earlier = earlierTable
        let elements = HostTable.elements(of: shop, in: "") + [HostTable.element(of: port, in: "")]
        try await machine.changeFirewall(
            [NFTables.delete(table: HostTable.name)] + NFTables.install(earlier)
                + NFTables.add(
                    elements,
                    table: HostTable.name,
                    family: NFTables.earlierFamily,
                    action: "do as an earlier version"
                )
        )
        let (neighbour, host) = (machine.neighbour, TestMachine.hostAddress)
        #expect(try await Talk.from(neighbour, to: host, 8080) == .answered("192.0.2.2"))
        #expect(try await machine.families() == [NFTables.earlierFamily])

        // Of another network: what runs is led on, without being published again.
        let other = try network("other", "172.21.0.0/16")
        try await machine.kernel.ensure(other)
        #expect(try await Talk.from(neighbour, to: host, 8080) == .answered("192.0.2.2"))
        #expect(try await machine.families() == [NFTables.family])
        try await machine.kernel.remove(other)
        #expect(Set(try await machine.kernel.inventory()) == before)
        withExtendedLifetime(greeter) {}
    }

    @Test("the last network takes the table of an earlier version with it")
    func earlierVersionRemoved() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let earlier = earlierTable
        try await machine.changeFirewall(
            [NFTables.delete(table: HostTable.name)] + NFTables.install(earlier)
                + NFTables.add(
                    HostTable.elements(of: shop, in: ""),
                    table: HostTable.name,
                    family: NFTables.earlierFamily,
                    action: "do as an earlier version"
                )
        )
        try await machine.kernel.remove(shop)
        #expect(try await machine.families() == [])
    }

    @Test("a table with our name but other sets is replaced")
    func foreignShape() async throws {
        let machine = try await TestMachine()
        let other = Table(
            name: HostTable.name,
            sets: [SetDefinition(name: HostTable.bridges, key: [.port])]
        )
        try await machine.changeFirewall(NFTables.install(other))
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        #expect(try await machine.kernel.inventory().count == 5)
    }

    @Test("a bridge that was deleted, or taken down, is made again")
    func bridge() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        for damage in [
            RouteRequest.delete(link: shop.bridgeName), Requests.setDown(shop.bridgeName),
        ] {
            try await NamespaceThread.run(in: machine.host) {
                var route = try NetlinkSocket(.route)
                try route.perform([damage])
            }
            try await machine.kernel.ensure(shop)
            let web = try await machine.container(
                randomID(),
                on: [(shop, address("172.20.0.2"))]
            )
            let greeter = try await Greeter(in: web, port: 80)
            let talk = try await Talk.from(machine.host, to: address("172.20.0.2"), 80)
            #expect(talk == .answered("172.20.0.1"))
            withExtendedLifetime(greeter) {}
        }
    }

    @Test("many at once make the same network, and others, without harm")
    func concurrent() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        let others = try (1...6).map { try network("n\($0)", "10.\($0).0.0/24") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { try await machine.kernel.ensure(shop) } }
            for other in others {
                group.addTask {
                    try await machine.kernel.ensure(other)
                    try await machine.kernel.remove(other)
                    try await machine.kernel.ensure(other)
                }
            }
            for number: UInt16 in 1...20 {
                group.addTask {
                    try await machine.kernel.publish([
                        publishedPort(8000 + number, to: "172.20.0.2")
                    ])
                }
            }
            try await group.waitForAll()
        }
        let objects = try await machine.kernel.inventory()
        #expect(objects.count { $0.kind == .bridge } == 7)
        // Four elements for a network, one for a port.
        #expect(objects.count == 7 + 7 * 4 + 20)
    }

    @Test("a port that is taken back after its network was removed takes everything with it")
    func lastPort() async throws {
        let machine = try await TestMachine()
        try await machine.setForwarding(false)
        let shop = try network("shop", "172.20.0.0/16")
        let port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.ensure(shop)
        try await machine.kernel.publish([port])
        try await machine.kernel.remove(shop)
        #expect(try await machine.chains() != [])
        try await machine.kernel.unpublish([port])
        #expect(try await machine.chains() == [])
        #expect(try await !machine.forwards())
    }

    @Test("the last network to go takes everything with it")
    func removal() async throws {
        let machine = try await TestMachine()
        try await machine.setForwarding(false)
        let before = try await machine.links()
        let networks = try [
            network("shop", "172.20.0.0/16"), network("vault", "172.21.0.0/16", isInternal: true),
        ]
        let id = randomID()
        let port = try publishedPort(8080, to: "172.20.0.2")
        for network in networks { try await machine.kernel.ensure(network) }
        let web = try await machine.container(
            id,
            on: [(networks[0], address("172.20.0.2")), (networks[1], address("172.21.0.2"))]
        )
        try await machine.kernel.publish([port])
        #expect(try await machine.forwards())

        try await machine.kernel.unpublish([port])
        try await machine.kernel.detach(containerID: id, from: networks)
        for network in networks { try await machine.kernel.remove(network) }
        #expect(try await machine.kernel.inventory() == [])
        #expect(try await machine.links() == before)
        #expect(try await machine.chains() == [])
        #expect(try await !machine.forwards())
        // Everything again, on nothing.
        try await machine.kernel.unpublish([port])
        try await machine.kernel.detach(containerID: id, from: networks)
        for network in networks { try await machine.kernel.remove(network) }
        withExtendedLifetime(web) {}
    }

    @Test(
        "a port that leads to a dead container is taken over, and not given back by its old owner"
    )
    func takeover() async throws {
        let machine = try await TestMachine()
        let old = try publishedPort(8080, to: "172.20.0.2")
        let new = try publishedPort(8080, to: "172.20.0.3")
        try await machine.kernel.publish([old])
        try await machine.kernel.publish([new])
        try await machine.kernel.unpublish([old])
        let objects = try await machine.kernel.inventory()
        #expect(objects.map(\.owner) == [Owner(containerID: new.containerID)])
        #expect(objects.map(\.name) == ["tcp 8080 -> 172.20.0.3 80"])
        try await machine.kernel.remove(objects[0])
        #expect(try await machine.chains() == [])
    }

    @Test("what is cut passes nothing at once, and what takes its name is not removed with it")
    func cut() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        let id = randomID()
        try await machine.kernel.ensure(shop)
        let former = try await machine.container(id, on: [(shop, address("172.20.0.2"))])
        let name = LinkName.veth(container: id, network: shop.id)
        let cut = try await machine.kernel.cut(containerID: id, from: [shop])
        #expect(try await machine.isUp(name) == false)
        // The container is started again before anybody had the time to remove it.
        let web = try await machine.container(id, on: [(shop, address("172.20.0.2"))])
        try await machine.kernel.remove(cut)
        #expect(try await machine.isUp(name) == true)

        let bridge = try await machine.kernel.cut(shop)
        #expect(try await machine.isUp(shop.bridgeName) == false)
        #expect(try await machine.kernel.hostRoutes().allSatisfy { "\($0)" != "172.20.0.0/16" })
        #expect(try await machine.chains() == [])
        try await machine.kernel.remove(bridge)
        #expect(try await machine.isUp(shop.bridgeName) == nil)
        // Everything again, on nothing.
        #expect(try await machine.kernel.cut(shop).isEmpty)
        try await machine.kernel.remove(bridge)
        withExtendedLifetime((former, web)) {}
    }

    @Test("a connection that a crash left is replaced")
    func staleLink() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let id = randomID()
        let first = try await machine.container(id, on: [(shop, address("172.20.0.2"))])
        let second = try await machine.container(id, on: [(shop, address("172.20.0.2"))])
        let greeter = try await Greeter(in: second, port: 80)
        #expect(
            try await Talk.from(machine.host, to: address("172.20.0.2"), 80)
                == .answered("172.20.0.1")
        )
        withExtendedLifetime((first, greeter)) {}
    }

    @Test("a host that was no router does not become one for its neighbours")
    func noRouter() async throws {
        let machine = try await TestMachine()
        try await machine.setForwarding(false)
        let far = try await machine.secondNeighbour()
        let greeter = try await Greeter(in: far.netns, port: 80)
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        #expect(try await Talk.from(machine.neighbour, to: far.address, 80) == .nothing)
        // A firewall of somebody else's takes charge of forwarding.
        let other = Table(
            name: "other",
            chains: [
                Chain(name: "f", type: .filter, hook: .forward, priority: 0, rules: [])
            ]
        )
        try await machine.changeFirewall(NFTables.install(other))
        try await machine.kernel.ensure(shop)
        #expect(
            try await Talk.from(machine.neighbour, to: far.address, 80) == .answered("192.0.2.2")
        )
        try await machine.kernel.remove(shop)
        #expect(try await machine.forwards())
        withExtendedLifetime(greeter) {}
    }

    @Test("the host's routes are known, our own bridges are not among them")
    func routes() async throws {
        let machine = try await TestMachine()
        try await machine.kernel.ensure(try network("shop", "172.20.0.0/16"))
        let routes = try await machine.kernel.hostRoutes()
        #expect(
            Set(routes.compactMap(\.ipv4)) == [
                try subnet("192.0.2.0/24"), try subnet("127.0.0.0/8"),
            ]
        )
    }

    /// As an earlier version had it, which saw IPv4 alone.
    private var earlierTable: Table {
        var table = HostTable.table
        table.family = NFTables.earlierFamily
        for index in table.chains.indices {
            table.chains[index].rules.removeAll { $0.purpose.contains("IPv6") }
        }
        return table
    }

    private func emptied(_ chain: Chain) -> Chain {
        var chain = chain
        chain.rules = []
        return chain
    }
}

/// Port 80 of a container of its own, on every address of the host.
func publishedPort(_ port: UInt16, to container: String) throws -> PublishedPort {
    PublishedPort(
        containerID: randomID(),
        hostAddress: .v4(.any),
        hostPort: port,
        transport: .tcp,
        containerAddress: .v4(try address(container)),
        containerPort: 80
    )
}
