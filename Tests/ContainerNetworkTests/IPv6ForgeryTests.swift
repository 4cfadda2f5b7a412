import Addresses
import CLinux
import Glibc
import Linux
import TestSupport
import Testing

@testable import ContainerNetwork

/// Containers on one network with IPv6, one of which sends what is not true.
@Suite(
    "root: IPv6, forged",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct IPv6ForgeryTests {
    private let machine: TestMachine
    private let shop: NetworkConfiguration
    private let liarID = randomID()
    private let liar, victim: SharedFD
    private static let liarAddress = ipv6("fd00:20::2")
    private static let victimAddress = ipv6("fd00:20::3")
    private static let third = ipv6("fd00:20::4")
    private static let gateway = ipv6("fd00:20::1")

    init() async throws {
        machine = try await TestMachine()
        // br_netfilter drops packets without a right checksum, which are none of this suite's.
        try await NamespaceThread.run(in: machine.host) {
            try Sysctl.write("0", to: "bridge/bridge-nf-call-iptables")
            try Sysctl.write("0", to: "bridge/bridge-nf-call-ip6tables")
        }
        shop = try dualNetwork("shop", "172.20.0.0/16", "fd00:20::/64")
        try await machine.kernel.ensure(shop)
        liar = try await machine.container(liarID, on: shop, Self.addresses(2))
        victim = try await machine.container(randomID(), on: shop, Self.addresses(3))
    }

    private static func addresses(_ number: UInt32) -> [IPAddress] {
        [.v4(IPv4Address(172 << 24 | 20 << 16 | number)), .v6(ipv6("fd00:20::\(number)"))]
    }

    private static let own = MACAddress(for: addresses(2))
    private static let target = MACAddress(for: addresses(3))

    /// From the liar's link to the victim's.
    private static func frame(
        from source: IPv6Address,
        next: UInt8 = 253,
        _ payload: [UInt8] = [],
        sender: MACAddress = own
    ) -> Frame {
        Frame(
            to: target,
            from: sender,
            type: 0x86DD,
            [0x60, 0, 0, 0, 0, 60, next, 255] + source.bytes + victimAddress.bytes + payload
        )
    }

    private static func icmp(_ type: UInt8, _ rest: [UInt8] = []) -> [UInt8] {
        [type, 0, 0, 0, 0, 0, 0, 0] + rest
    }

    enum Forgery: CaseIterable {
        case addressOfNeighbour, addressOfGateway, noAddress, stationOfNeighbour
        case routerAdvertisement, redirect, advertisementOfNeighbour, advertisementOfGateway
        case hiddenAdvertisement, hiddenBehindOptions, cut

        /// Without its mark.
        var frame: Frame {
            let liar = liarAddress
            switch self {
            case .addressOfNeighbour: return IPv6ForgeryTests.frame(from: third)
            case .addressOfGateway: return IPv6ForgeryTests.frame(from: gateway)
            case .noAddress: return IPv6ForgeryTests.frame(from: .any)
            case .stationOfNeighbour:
                return IPv6ForgeryTests.frame(from: liar, sender: MACAddress(for: third))
            case .routerAdvertisement:
                return IPv6ForgeryTests.frame(
                    from: IPv6Address(linkLocalOf: own),
                    next: 58,
                    icmp(134)
                )
            case .redirect: return IPv6ForgeryTests.frame(from: liar, next: 58, icmp(137))
            case .advertisementOfNeighbour:
                return IPv6ForgeryTests.frame(from: liar, next: 58, icmp(136, third.bytes))
            case .advertisementOfGateway:
                return IPv6ForgeryTests.frame(from: liar, next: 58, icmp(136, gateway.bytes))
            case .hiddenAdvertisement:
                // Hop-by-hop options before it.
                let options: [UInt8] = [58, 0, 1, 4, 0, 0, 0, 0]
                return IPv6ForgeryTests.frame(from: liar, next: 0, options + icmp(134))
            case .hiddenBehindOptions:
                let options: [UInt8] = [58, 0, 1, 4, 0, 0, 0, 0]
                return IPv6ForgeryTests.frame(from: liar, next: 60, options + icmp(134))
            case .cut:
                return Frame(to: target, from: own, type: 0x86DD, [0x60])
            }
        }
    }

    /// Whether the victim is sent the frame: he gets an honest one in any case, after it.
    private func arrives(_ frame: Frame, number: Int) async throws -> Bool {
        let listener = try await PacketSocket(in: victim, on: "eth0")
        let sender = try await PacketSocket(in: liar, on: "eth0")
        var (frame, honest) = (frame, Self.frame(from: Self.liarAddress))
        frame.bytes += Frame.mark(number)
        honest.bytes += Frame.mark(number + 1)
        try sender.send(frame)
        try sender.send(honest)
        return try await listener.sees(Frame.mark(number), before: Frame.mark(number + 1))
    }

    @Test("what is not true does not reach a neighbour", arguments: Forgery.allCases)
    func forged(_ forgery: Forgery) async throws {
        #expect(try await !arrives(forgery.frame, number: 10))
        // It would, if it was not for the filter.
        let veth = LinkName.veth(container: liarID, network: shop.id)
        try await machine.change(.withoutFilters(veth))
        #expect(try await arrives(forgery.frame, number: 20))
    }

    @Test("what is true arrives")
    func honest() async throws {
        let linkLocal = IPv6Address(linkLocalOf: Self.own)
        let honest = [
            Self.frame(from: linkLocal),
            Self.frame(from: Self.liarAddress, next: 58, Self.icmp(135, Self.victimAddress.bytes)),
            Self.frame(from: Self.liarAddress, next: 58, Self.icmp(136, Self.liarAddress.bytes)),
            Self.frame(from: Self.liarAddress, next: 58, Self.icmp(136, linkLocal.bytes)),
            Self.frame(from: Self.liarAddress, next: 58, Self.icmp(128)),
        ]
        for (number, frame) in honest.enumerated() {
            #expect(try await arrives(frame, number: 10 + 2 * number), "\(number)")
        }
    }

    @Test("nobody listens to a container that says it is a router")
    func routers() async throws {
        let bridge = shop.bridgeName
        for (netns, link) in [(machine.host, bridge), (victim, "eth0")] {
            let setting = try await NamespaceThread.run(in: netns) {
                try Sysctl.read("ipv6/conf/\(link)/accept_ra")
            }
            #expect(setting == "0", "\(link)")
        }
    }
}

/// An address that is one.
func ipv6(_ text: String) -> IPv6Address {
    guard let address = IPv6Address(text) else { preconditionFailure("no address: \(text)") }
    return address
}

/// A network of both families, whose gateways are the first addresses; nil for one without a family.
func dualNetwork(
    _ name: String,
    _ ipv4: String?,
    _ ipv6: String?,
    isInternal: Bool = false
) throws -> NetworkConfiguration {
    NetworkConfiguration(
        id: randomID(),
        name: name,
        ipv4: try ipv4.map {
            let subnet = try subnet($0)
            return AddressBlock(subnet, gateway: try AddressPool.gateway(of: subnet))
        },
        ipv6: try ipv6.map {
            let subnet = try #require(IPv6Subnet($0))
            return AddressBlock(subnet, gateway: try AddressPool.gateway(of: subnet))
        },
        isInternal: isInternal
    )
}

extension TestMachine {
    /// A container on one network, with addresses of both families.
    func container(
        _ id: String,
        on network: NetworkConfiguration,
        _ addresses: [IPAddress],
        administersNetwork: Bool = false
    ) async throws -> SharedFD {
        let netns = try await NamespaceThread.make()
        try await kernel.prepareNamespace(netns)
        let endpoint = Endpoint(
            containerID: id,
            interfaceName: "eth0",
            addresses: addresses,
            isDefaultRoute: !network.isInternal,
            administersNetwork: administersNetwork
        )
        try await kernel.attach(endpoint, to: network, netns: netns)
        return netns
    }
}
