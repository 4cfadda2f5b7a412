import Addresses
import CLinux
import Glibc
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

/// Containers on one network, one of which sends what is not true.
@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ForgeryTests {
    private let machine: TestMachine
    private let shop: NetworkConfiguration
    private let liarID = randomID()
    private let liar, victim: SharedFD
    private static let liarAddress = IPv4Address("172.20.0.2") ?? .any
    private static let victimAddress = IPv4Address("172.20.0.3") ?? .any
    private static let third = IPv4Address("172.20.0.4") ?? .any

    init() async throws {
        machine = try await TestMachine()
        // br_netfilter drops packets without a right checksum, which are none of this suite's.
        try await NamespaceThread.run(in: machine.host) {
            try Sysctl.write("0", to: "bridge/bridge-nf-call-iptables")
            try Sysctl.write("0", to: "bridge/bridge-nf-call-ip6tables")
        }
        shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        liar = try await machine.container(liarID, on: [(shop, Self.liarAddress)])
        victim = try await machine.container(randomID(), on: [(shop, Self.victimAddress)])
    }

    enum Forgery: CaseIterable {
        case addressOfNeighbourInARP, addressOfGatewayInARP, stationOfNeighbourInARP
        case stationOfNeighbour, addressOfNeighbour, noAddress, loopback
        case versionSix, taggedFrame, twiceTaggedLoopback, otherProtocol, cutARP, longARP
        case cutIP

        /// Without its mark.
        var frame: Frame {
            let (liar, victim) = (liarAddress, victimAddress)
            let (own, target) = (MACAddress(for: liar), MACAddress(for: victim))
            let other = MACAddress(for: third)
            func arp(_ sender: MACAddress, _ address: IPv4Address) -> Frame {
                let payload = Frame.arp(sender: sender, address, target: target, victim)
                return Frame(to: target, from: own, type: 0x0806, payload)
            }
            func ip(_ source: IPv4Address, to destination: IPv4Address) -> Frame {
                Frame(
                    to: target,
                    from: own,
                    type: 0x0800,
                    Frame.ip(from: source, to: destination)
                )
            }
            let trueIP = Frame.ip(from: liar, to: victim)
            switch self {
            case .addressOfNeighbourInARP: return arp(own, third)
            case .addressOfGatewayInARP: return arp(own, IPv4Address(172 << 24 | 20 << 16 | 1))
            case .stationOfNeighbourInARP: return arp(other, liar)
            case .stationOfNeighbour:
                return Frame(to: target, from: other, type: 0x0800, trueIP)
            case .addressOfNeighbour: return ip(third, to: victim)
            case .noAddress: return ip(.any, to: victim)
            case .loopback: return ip(liar, to: IPv4Address(127 << 24 | 1))
            case .versionSix:
                // With nothing after its header, from fe80::1 to itself.
                let link: [UInt8] = [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
                let head: [UInt8] = [0x60, 0, 0, 0, 0, 0, 59, 255]
                return Frame(to: target, from: own, type: 0x86DD, head + link + link)
            case .taggedFrame:
                return Frame(to: target, from: own, type: 0x8100, [0, 7, 8, 0] + trueIP)
            case .twiceTaggedLoopback:
                let packet = Frame.ip(from: liar, to: IPv4Address(127 << 24 | 1))
                let tags: [UInt8] = [0, 0, 0x81, 0, 0, 0, 8, 0]
                return Frame(to: target, from: own, type: 0x8100, tags + packet)
            case .longARP:
                let answer = Frame.arp(sender: own, liar, target: target, victim)
                return Frame(
                    to: target,
                    from: own,
                    type: 0x0806,
                    answer[..<4] + [8] + answer[5...]
                )
            case .otherProtocol: return Frame(to: target, from: own, type: 0x88B5, trueIP)
            case .cutARP: return Frame(to: target, from: own, type: 0x0806, [0, 1, 8, 0])
            case .cutIP: return Frame(to: target, from: own, type: 0x0800, [0x45])
            }
        }
    }

    /// Whether the victim is sent the frame: he gets an honest one in any case, after it.
    private func arrives(_ frame: Frame, number: Int) async throws -> Bool {
        let listener = try await PacketSocket(in: victim, on: "eth0")
        let sender = try await PacketSocket(in: liar, on: "eth0")
        var (frame, honest) = (frame, Self.honest)
        frame.bytes += Frame.mark(number)
        honest.bytes += Frame.mark(number + 1)
        try sender.send(frame)
        try sender.send(honest)
        return try await listener.sees(Frame.mark(number), before: Frame.mark(number + 1))
    }

    private static let honest = Frame(
        to: MACAddress(for: victimAddress),
        from: MACAddress(for: liarAddress),
        type: 0x0800,
        Frame.ip(from: liarAddress, to: victimAddress)
    )

    @Test("what is not true does not reach a neighbour", arguments: Forgery.allCases)
    func forged(_ forgery: Forgery) async throws {
        #expect(try await !arrives(forgery.frame, number: 10))
        // It would, if it was not for the filter.
        let veth = LinkName.veth(container: liarID, network: shop.id)
        try await machine.change(.withoutFilters(veth))
        #expect(try await arrives(forgery.frame, number: 20))
    }

    @Test("an honest answer to a question for an address arrives")
    func honestARP() async throws {
        let (own, target) = (
            MACAddress(for: Self.liarAddress), MACAddress(for: Self.victimAddress)
        )
        let payload = Frame.arp(
            sender: own,
            Self.liarAddress,
            target: target,
            Self.victimAddress
        )
        #expect(
            try await arrives(Frame(to: target, from: own, type: 0x0806, payload), number: 10)
        )
    }

    @Test("who administers his network may send with other addresses, but not to the loopback")
    func administrator() async throws {
        let id = randomID()
        let address = try address("172.20.0.9")
        let netns = try await machine.container(
            id,
            on: [(shop, address)],
            administersNetwork: true
        )
        let listener = try await PacketSocket(in: victim, on: "eth0")
        let sender = try await PacketSocket(in: netns, on: "eth0")
        let dropped: [Forgery] = [.loopback, .twiceTaggedLoopback]
        let sent = [Forgery.stationOfNeighbour, .addressOfNeighbour] + dropped
        for (number, forgery) in sent.enumerated() {
            var (frame, honest) = (forgery.frame, Self.honest)
            frame.bytes += Frame.mark(2 * number)
            honest.bytes += Frame.mark(2 * number + 1)
            try sender.send(frame)
            try sender.send(honest)
            let arrived = try await listener.sees(
                Frame.mark(2 * number),
                before: Frame.mark(2 * number + 1)
            )
            #expect(arrived == !dropped.contains(forgery), "\(forgery)")
        }
    }

    @Test("the bridge does not learn what is not true, and learns no more than its bound")
    func flood() async throws {
        let sender = try await PacketSocket(in: liar, on: "eth0")
        func flood(_ fence: Int) async throws {
            for number in 0..<UInt32(5000) {
                var frame = Self.honest
                frame.bytes.replaceSubrange(8..<12, with: (number | 1 << 31).bigEndianBytes)
                try sender.send(frame)
            }
            // Only now, since it would not hold all of them.
            let listener = try await PacketSocket(in: victim, on: "eth0")
            var honest = Self.honest
            honest.bytes += Frame.mark(fence)
            try sender.send(honest)
            _ = try await listener.sees([0], before: Frame.mark(fence))
        }
        try await flood(1)
        #expect(try await learned() < 50)
        let veth = LinkName.veth(container: liarID, network: shop.id)
        try await machine.change(.withoutFilters(veth))
        try await flood(2)
        let bridge = shop.bridgeName
        let bound = try await NamespaceThread.run(in: machine.host) {
            var route = try NetlinkSocket(.route)
            return try route.link(bridge).maximumLearned
        }
        let learned = try await learned()
        #expect(learned > 1000)
        // Linux 6.8 and later.
        if let bound { #expect(bound == 4096 && learned < 4096 + 50) }
    }

    private func learned() async throws -> Int {
        try await NamespaceThread.run(in: machine.host) {
            var route = try NetlinkSocket(.route)
            return try route.dump(Requests.listLearned()).count
        }
    }
}
