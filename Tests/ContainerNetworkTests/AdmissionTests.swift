import CLinux
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

/// Firewalls of others beside ours.
@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct AdmissionTests {
    private let machine: TestMachine

    init() async throws { machine = try await TestMachine() }

    private static let foreignRule = Rule("theirs", .input("eth77"), .drop)

    /// Theirs is of the family that iptables uses.
    private static func filter(_ chains: [Chain]) -> Table {
        Table(family: BERTH_NFPROTO_IPV4, name: "filter", chains: chains)
    }

    /// As docker and ufw leave it, with a rule of their own.
    private func closeForwarding(lastRule: Rule? = nil) async throws {
        let chain = Chain(
            name: "FORWARD",
            type: .filter,
            hook: .forward,
            priority: 0,
            rules: [Self.foreignRule] + (lastRule.map { [$0] } ?? [])
        )
        var requests = NFTables.install(Self.filter([chain]))
        if lastRule == nil {
            requests.append(Requests.dropPolicy(table: "filter", chain: "FORWARD"))
        }
        try await machine.changeFirewall(requests)
    }

    /// The purposes of the rules of the others' chain.
    private func foreignRules() async throws -> [String] {
        try await NamespaceThread.run(in: machine.host) {
            var netfilter = try NetlinkSocket(.netfilter)
            return try netfilter.dump(
                NFTables.listRules(table: "filter", family: BERTH_NFPROTO_IPV4)
            )
            .compactMap(NFTables.rule).map { String($0.comment.prefix { $0 != "[" }) }
        }
    }

    @Test(
        "a chain that drops what it does not know lets our packets through, after its own rules",
        arguments: [nil, Rule("the rest", .drop)]
    )
    func admitted(lastRule: Rule?) async throws {
        try await closeForwarding(lastRule: lastRule)
        let shop = try network("shop", "172.20.0.0/16")
        let port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.ensure(shop)
        let web = try await machine.container(port.containerID, on: [(shop, port.ipv4)])
        let servers = [
            try await Greeter(in: web, port: 80),
            try await Greeter(in: machine.neighbour, port: 25),
        ]
        try await machine.kernel.publish([port], through: shop)
        #expect(
            try await Talk.from(machine.neighbour, to: TestMachine.hostAddress, 8080)
                == .answered("192.0.2.2")
        )
        #expect(
            try await Talk.from(web, to: TestMachine.neighbourAddress, 25) == .answered("192.0.2.1")
        )
        #expect(try await machine.kernel.forwardingObstacles() == [])
        let ours = ["berth: what containers send ", "berth: what containers are sent "]
        let last = lastRule.map { ["\($0.purpose) "] } ?? []
        #expect(try await foreignRules() == ["theirs "] + ours + last)
        // Again changes nothing, and the last network takes them along.
        try await machine.kernel.ensure(shop)
        #expect(try await foreignRules() == ["theirs "] + ours + last)
        try await machine.kernel.unpublish([port], through: shop)
        try await machine.kernel.detach(containerID: port.containerID, from: [shop])
        try await machine.kernel.remove(shop)
        #expect(try await foreignRules() == ["theirs "] + last)
        withExtendedLifetime(servers) {}
    }

    /// How a chain can lead to one that refuses everything.
    enum Detour: CaseIterable {
        case jump, twoJumps, goto, jumpThenDropPolicy, gotoWithDropPolicy
        /// Nothing is refused there, and the rest may pass.
        case harmless

        var requests: [NetlinkRequest] {
            func rule(_ code: Int32, to target: String? = nil, in chain: String) -> NetlinkRequest {
                Requests.verdict(code, to: target, in: chain, table: "filter")
            }
            let chains = ["first", "second"].map { Requests.chain($0, table: "filter") }
            let policy = Requests.dropPolicy(table: "filter", chain: "FORWARD")
            let drop = rule(0, in: "second")
            let toSecond = rule(NFT_JUMP.rawValue, to: "second", in: "FORWARD")
            return switch self {
            case .jump: chains + [drop, toSecond]
            case .twoJumps:
                chains + [
                    drop, rule(NFT_JUMP.rawValue, to: "second", in: "first"),
                    rule(NFT_JUMP.rawValue, to: "first", in: "FORWARD"),
                ]
            case .goto: chains + [drop, rule(NFT_GOTO.rawValue, to: "second", in: "FORWARD")]
            case .jumpThenDropPolicy: chains + [drop, toSecond, policy]
            case .gotoWithDropPolicy:
                chains + [rule(NFT_GOTO.rawValue, to: "first", in: "FORWARD"), policy]
            case .harmless: chains + [toSecond]
            }
        }
    }

    @Test(
        "a chain that leads to one that refuses everything lets our packets through before",
        arguments: Detour.allCases
    )
    func detours(_ detour: Detour) async throws {
        let chain = Chain(name: "FORWARD", type: .filter, hook: .forward, priority: 0, rules: [])
        try await machine.changeFirewall(
            NFTables.install(Self.filter([chain])) + detour.requests
        )
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let web = try await machine.container(
            String(repeating: "7", count: 64),
            on: [(shop, try address("172.20.0.2"))]
        )
        let server = try await Greeter(in: machine.neighbour, port: 25)
        #expect(
            try await Talk.from(web, to: TestMachine.neighbourAddress, 25) == .answered("192.0.2.1")
        )
        #expect(try await machine.kernel.forwardingObstacles() == [])
        let ours = try await foreignRules().filter { $0.hasPrefix("berth: ") }
        #expect(ours.count == (detour == .harmless ? 0 : 2))
        // What is in the wrong place is as good as missing.
        try await machine.kernel.ensure(shop)
        #expect(try await foreignRules().filter { $0.hasPrefix("berth: ") } == ours)
        withExtendedLifetime(server) {}
    }

    @Test("a chain that was closed later is a fault, and asked again")
    func later() async throws {
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        var expected = NetworkExpectation()
        expected.networks = [shop]
        #expect(try await machine.kernel.faults(against: expected) == [])
        try await closeForwarding()
        let faults = try await machine.kernel.faults(against: expected)
        #expect(faults.map(\.subject) == [.admission])
        #expect(
            try await machine.kernel.forwardingObstacles().map(\.place)
                == ["chain FORWARD of table filter"]
        )
        try await machine.kernel.admit()
        #expect(try await machine.kernel.faults(against: expected) == [])
    }

    @Test("a legacy table that drops is reported with what to do, until it lets us through")
    func legacy() async throws {
        func iptables(_ words: [String]) async throws {
            let process = try await NamespaceThread.run(in: machine.host) {
                try spawn(
                    SpawnRequest(
                        program: "/usr/sbin/iptables-legacy",
                        arguments: ["iptables-legacy"] + words
                    )
                )
            }
            #expect(try await process.exitStatus() == .exited(code: 0))
        }
        try await machine.kernel.ensure(try network("shop", "172.20.0.0/16"))
        #expect(try await machine.kernel.forwardingObstacles() == [])
        try await iptables(["-P", "FORWARD", "DROP"])
        let obstacle = try #require(try await machine.kernel.forwardingObstacles().first)
        #expect(obstacle.place == "chain FORWARD of the legacy table filter")
        // As it says.
        for command in obstacle.remedy.split(separator: "; ") {
            try await iptables(command.split(separator: " ").dropFirst().map(String.init))
        }
        #expect(try await machine.kernel.forwardingObstacles() == [])
    }
}
