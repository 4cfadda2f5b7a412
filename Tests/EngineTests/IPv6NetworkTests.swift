import Addresses
import ContainerNetwork
import ContainerRuntime
import TestSupport
import Testing

@testable import Engine

@Suite(
    "root: IPv6, networks",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct IPv6NetworkTests {
    private let machine: TestEngine
    private var engine: Engine { machine.engine }

    init() async throws { machine = try await TestEngine() }

    private func request(_ name: String, ipv4: Bool = true) -> NetworkRequest {
        var request = NetworkRequest(name: name)
        request.enablesIPv4 = ipv4
        request.enablesIPv6 = true
        return request
    }

    @Test("networks get one /64 after another, and containers an address of each family")
    func dual() async throws {
        let first = try await engine.createNetwork(request("first"))
        let second = try await engine.createNetwork(request("second", ipv4: false))
        let block = try #require(first.ipv6)
        #expect(
            block.subnet.prefixLength == 64 && block.gateway.number == block.subnet.base.number + 1
        )
        #expect(IPv6Subnet("fd00::/8")?.contains(block.subnet) == true)
        #expect(second.ipv6?.subnet.base.number == block.subnet.last.number + 1)
        #expect(second.ipv4 == nil)
        #expect(try await engine.networks() == [first, second])

        let web = try await machine.create(machine.request("web-1", network: "first"))
        let addresses = try await machine.endpoint(web.id).addresses
        #expect(addresses.map(\.family) == [.v4, .v6])
        #expect(addresses.ipv6?.number == block.subnet.base.number + 2)
        let only = try await machine.create(machine.request("only-1", network: "second"))
        let endpoint = try await machine.endpoint(only.id)
        #expect(endpoint.addresses.map(\.family) == [.v6])
        #expect(endpoint.mac.description == "02:42:00:00:00:02")
        // Whoever replaces it gets what it had.
        let next = try await engine.replaceContainer(
            web.id,
            with: machine.request("web-1", network: "first"),
            renewsVolumes: false
        )
        #expect(try await machine.endpoint(next.id).addresses == addresses)
        for id in [next.id, only.id] {
            try await engine.removeContainers([id], withAnonymousVolumes: false)
        }
        // Neighbours may still mean the former one.
        let later = try await machine.create(machine.request("web-2", network: "first"))
        let given = try await machine.endpoint(later.id).addresses
        #expect(Set(given).isDisjoint(with: addresses))
        try await engine.removeContainers([later.id], withAnonymousVolumes: false)
        for name in ["first", "second"] { try await engine.removeNetwork(named: name) }
        #expect(try await machine.kernel.inventory().isEmpty)
    }

    @Test("a fixed address is one of the network's, and given once")
    func fixed() async throws {
        var wanted = request("net")
        wanted.pools = [NetworkRequest.Pool(subnet: "fd00:77::/64")]
        wanted.pools[0].auxAddresses = ["router": "fd00:77::5"]
        try await engine.createNetwork(wanted)
        func fixed(_ name: String, _ address: String) -> ContainerRequest {
            machine.request(name) { spec in
                var attachment = NetworkAttachment(network: "net")
                attachment.ipv6Address = address
                spec.network = .attached([attachment])
            }
        }
        let web = try await machine.create(fixed("web-1", "fd00:77::9"))
        #expect(try await machine.endpoint(web.id).addresses.ipv6 == IPv6Address("fd00:77::9"))
        for address in ["fd00:77::9", "fd00:77::1", "fd00:77::5", "fd00:78::1", "10.0.0.1"] {
            let error = await engineError {
                _ = try await machine.create(fixed("web-2", address))
            }
            #expect(error != nil, "\(address)")
        }
        try await engine.createNetwork(NetworkRequest(name: "plain"))
        let error = await engineError {
            _ = try await machine.create(
                machine.request("web-3") { spec in
                    var attachment = NetworkAttachment(network: "plain")
                    attachment.ipv6Address = "fd00:77::9"
                    spec.network = .attached([attachment])
                }
            )
        }
        #expect(error?.description.contains("network `plain` has no IPv6") == true)
    }

    @Test("subnets that overlap, of one family twice, or of none are refused")
    func refused() async throws {
        var first = request("first")
        first.pools = [NetworkRequest.Pool(subnet: "fd00:77::/64")]
        try await engine.createNetwork(first)
        var second = request("second")
        second.pools = [NetworkRequest.Pool(subnet: "fd00:77::/80")]
        let overlap = await engineError { try await engine.createNetwork(second) }
        #expect(overlap?.kind == .conflict)
        second.pools = ["fd00:1::/64", "fd00:2::/64"].map { NetworkRequest.Pool(subnet: $0) }
        let twice = await engineError { try await engine.createNetwork(second) }
        #expect(twice?.description.contains("one subnet of a family") == true)
        second.enablesIPv4 = false
        second.enablesIPv6 = false
        let none = await engineError { try await engine.createNetwork(second) }
        #expect(none?.description.contains("IPv4 or IPv6 must be enabled") == true)
    }
}
