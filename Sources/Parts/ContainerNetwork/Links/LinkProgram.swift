import Addresses
import CLinux
import Glibc

/// What may come in by a container's link, as a BPF program: only frames with the container's own
/// Ethernet and IP addresses, ARP and neighbour advertisements that speak for them, and nothing for
/// 127.0.0.0/8. What is neither IPv4 nor ARP (VLANs) does not pass, nor IPv6 where the network has none.
///
/// A container that administers its own network may send with any address; the loopback is out of its
/// reach, too.
struct LinkProgram {
    /// The host's IPv6 address on a network, and the index of the link that has it. What TCP and UDP send
    /// there goes to that link at once: on its way through the bridge, br_netfilter would give answers to
    /// the host's own connections their old destination `::1` back, and nothing with that comes in from
    /// outside. (`LoopbackReach` says how the host reaches its ports by `::1`.)
    struct Home: Hashable {
        var address: IPv6Address
        var link: Int32

        init(_ address: IPv6Address, link: Int32) {
            self.address = address
            self.link = link
        }

        /// nil where no port can be published that `::1` leads to.
        init?(_ network: NetworkConfiguration, bridge: Int32?) {
            guard let block = network.ipv6, !network.isInternal, let bridge else { return nil }
            self.init(block.gateway, link: bridge)
        }
    }

    /// Names the program in `tc filter show`: what it lets through follows from it.
    var name: String
    /// The kernel's instructions, each in its eight bytes.
    var instructions: [UInt64]

    init(for endpoint: Endpoint, home: Home? = nil) {
        var code = Assembly()
        if endpoint.administersNetwork {
            name = "berth-loopback"
            code.keepFromLoopback(home: home)
        } else {
            // Without one nothing that a host of that family sends comes from it.
            let ipv4 = endpoint.addresses.ipv4 ?? .any
            let ipv6 = endpoint.addresses.ipv6.map { "-\($0)" } ?? ""
            name = "berth-only-\(ipv4)\(ipv6)"
            code.admit(
                endpoint.mac,
                endpoint.ownIPv4.isEmpty ? [ipv4] : endpoint.ownIPv4,
                endpoint.ownIPv6,
                home: home
            )
        }
        instructions = code.finished()
    }
}

/// A frame's header and what follows it, by their places.
private enum Place {
    static let sender: UInt32 = 6
    static let etherType: UInt32 = 12
    static let payload: UInt32 = 14
    static let ipSource = payload + 12
    static let ipDestination = payload + 16
    static let arpSender = payload + 8
    static let arpAddress = payload + 14
    /// The shortest frames with all of it.
    static let ipEnd = payload + 20
    static let arpEnd = payload + 28
    static let nextHeader = payload + 6
    static let ipv6Source = payload + 8
    static let ipv6Destination = payload + 24
    static let ipv6End = payload + 40
    static let icmpType = ipv6End
    static let neighbour = ipv6End + 8
    static let neighbourEnd = neighbour + 16
}

/// A program in the making. Register 6 keeps the context (`struct __sk_buff`), 0 what was loaded and
/// the result. A load beyond the frame's end would let it through: lengths are looked at first.
private struct Assembly {
    private var instructions: [UInt64] = [0xBF | 6 << 8 | 1 << 12]  // r6 = r1
    /// Jumps whose target is the drop at the end.
    private var drops: [Int] = []

    private static let length: UInt64 = 0
    private static let vlan: UInt64 = 20
    /// What ARP is about: hardware 1, protocol 0x0800, addresses of six and of four bytes.
    private static let ethernetAndIP: UInt32 = 0x0001_0800
    private static let theirLengths: UInt32 = 0x0604

    mutating func keepFromLoopback(home: LinkProgram.Home?) {
        load(BPF_H, Place.etherType)
        // The kernel takes off one tag before this and the others later, when nobody looks any more.
        drop(BPF_JEQ, UInt32(ETH_P_8021Q))
        drop(BPF_JEQ, UInt32(ETH_P_8021AD))
        if let home {
            let notIPv6 = jump(BPF_JNE, UInt32(ETH_P_IPV6))
            send(home)
            leave(with: UInt32(bitPattern: TC_ACT_UNSPEC))
            land(notIPv6)
        }
        let other = jump(BPF_JNE, UInt32(ETH_P_IP))
        load(BPF_B, Place.ipDestination)
        drop(BPF_JEQ, 127)
        land(other)
    }

    mutating func admit(
        _ sender: MACAddress,
        _ addresses: [IPv4Address],
        _ ipv6: [IPv6Address],
        home: LinkProgram.Home?
    ) {
        loadContext(Self.vlan)
        drop(BPF_JNE, 0)
        loadContext(Self.length)
        drop(BPF_JLT, Place.ipEnd)
        dropUnless(sender, at: Place.sender)
        load(BPF_H, Place.etherType)
        let arp = jump(BPF_JEQ, UInt32(ETH_P_ARP))
        if !ipv6.isEmpty {
            let notIPv6 = jump(BPF_JNE, UInt32(ETH_P_IPV6))
            admit(ipv6)
            if let home { send(home) }
            leave(with: UInt32(bitPattern: TC_ACT_UNSPEC))
            land(notIPv6)
        }
        drop(BPF_JNE, UInt32(ETH_P_IP))
        dropUnless(oneOf: addresses, at: Place.ipSource)
        load(BPF_B, Place.ipDestination)
        drop(BPF_JEQ, 127)
        leave(with: UInt32(bitPattern: TC_ACT_UNSPEC))
        land(arp)
        loadContext(Self.length)
        drop(BPF_JLT, Place.arpEnd)
        load(BPF_W, Place.payload)
        drop(BPF_JNE, Self.ethernetAndIP)
        load(BPF_H, Place.payload + 4)
        drop(BPF_JNE, Self.theirLengths)
        dropUnless(sender, at: Place.arpSender)
        dropUnless(oneOf: addresses, at: Place.arpAddress)
    }

    /// IPv6 from these addresses. Neither advertisements of routers and redirects, nor of neighbours that
    /// others are, nor what may hide them behind further headers: RFC 6105, RFC 7113. Fragments pass, since
    /// the kernel takes none of those in fragments (RFC 6980).
    private mutating func admit(_ addresses: [IPv6Address]) {
        loadContext(Self.length)
        drop(BPF_JLT, Place.ipv6End)
        dropUnless(oneOf: addresses, at: Place.ipv6Source)
        load(BPF_B, Place.nextHeader)
        for header in Self.hiding { drop(BPF_JEQ, UInt32(header)) }
        let other = jump(BPF_JNE, UInt32(IPPROTO_ICMPV6))
        loadContext(Self.length)
        drop(BPF_JLT, Place.neighbour)
        load(BPF_B, Place.icmpType)
        drop(BPF_JEQ, UInt32(NeighbourDiscovery.routerAdvertisement.rawValue))
        drop(BPF_JEQ, UInt32(NeighbourDiscovery.redirect.rawValue))
        let noNeighbour = jump(BPF_JNE, UInt32(NeighbourDiscovery.advertisement.rawValue))
        loadContext(Self.length)
        drop(BPF_JLT, Place.neighbourEnd)
        dropUnless(oneOf: addresses, at: Place.neighbour)
        land(noNeighbour)
        land(other)
    }

    /// Headers behind which another one follows.
    private static let hiding = [
        IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS, IPPROTO_AH, IPPROTO_MH,
    ]

    /// TCP and UDP for the host's address leave the program here; for others it goes on.
    private mutating func send(_ home: LinkProgram.Home) {
        loadContext(Self.length)
        var others = [jump(BPF_JLT, Place.ipv6End)]
        load(BPF_B, Place.nextHeader)
        let tcp = jump(BPF_JEQ, UInt32(IPPROTO_TCP))
        others.append(jump(BPF_JNE, UInt32(IPPROTO_UDP)))
        land(tcp)
        for (offset, word) in Self.words(of: home.address) {
            load(BPF_W, Place.ipv6Destination + offset)
            others.append(jump(BPF_JNE, word))
        }
        // bpf_redirect(link, BPF_F_INGRESS), whose result is the program's.
        append(BPF_ALU | BPF_MOV | BPF_K, to: 1, value: UInt32(bitPattern: home.link))
        append(BPF_ALU | BPF_MOV | BPF_K, to: 2, value: UInt32(BPF_F_INGRESS))
        append(BPF_JMP | BPF_CALL, value: UInt32(BPF_FUNC_redirect.rawValue))
        append(BPF_JMP | BPF_EXIT)
        others.forEach { land($0) }
    }

    private static func words(of address: IPv6Address) -> [(offset: UInt32, word: UInt32)] {
        stride(from: 0, to: 16, by: 4).map { offset in
            (UInt32(offset), UInt32(truncatingIfNeeded: address.number >> (96 - 8 * offset)))
        }
    }

    private mutating func dropUnless(oneOf addresses: [IPv6Address], at place: UInt32) {
        var found: [Int] = []
        for (index, address) in addresses.enumerated() {
            let isLast = index == addresses.count - 1
            var different: [Int] = []
            for (offset, word) in Self.words(of: address) {
                load(BPF_W, place + offset)
                if isLast { drop(BPF_JNE, word) } else { different.append(jump(BPF_JNE, word)) }
            }
            // The next one, or what follows all of them.
            if !isLast { found.append(jumpAlways()) }
            different.forEach { land($0) }
        }
        found.forEach { land($0) }
    }

    /// With its two ends: ask the next filter, and drop.
    func finished() -> [UInt64] {
        var whole = self
        whole.leave(with: UInt32(bitPattern: TC_ACT_UNSPEC))
        for index in drops { whole.land(index) }
        whole.leave(with: UInt32(TC_ACT_SHOT))
        return whole.instructions
    }

    private mutating func dropUnless(_ address: MACAddress, at place: UInt32) {
        let bytes = address.bytes
        load(BPF_W, place)
        drop(BPF_JNE, bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        load(BPF_H, place + 4)
        drop(BPF_JNE, bytes.dropFirst(4).reduce(0) { $0 << 8 | UInt32($1) })
    }

    private mutating func dropUnless(oneOf addresses: [IPv4Address], at place: UInt32) {
        load(BPF_W, place)
        let found = addresses.dropFirst().map { jump(BPF_JEQ, $0.number) }
        drop(BPF_JNE, addresses[0].number)
        found.forEach { land($0) }
    }

    /// Of the frame, in the machine's order.
    private mutating func load(_ size: CInt, _ place: UInt32) {
        append(BPF_LD | BPF_ABS | size, value: place)
    }

    private mutating func loadContext(_ field: UInt64) {
        append(BPF_LDX | BPF_MEM | BPF_W, from: 6, offset: field)
    }

    private mutating func drop(_ condition: CInt, _ value: UInt32) {
        drops.append(jump(condition, value))
    }

    /// Compares what was loaded; `land` says where the jump goes.
    private mutating func jump(_ condition: CInt, _ value: UInt32) -> Int {
        append(BPF_JMP32 | condition | BPF_K, value: value)
        return instructions.count - 1
    }

    private mutating func jumpAlways() -> Int {
        append(BPF_JMP | BPF_JA)
        return instructions.count - 1
    }

    private mutating func land(_ jump: Int) {
        instructions[jump] |= UInt64(instructions.count - jump - 1) << 16
    }

    private mutating func leave(with verdict: UInt32) {
        append(BPF_ALU | BPF_MOV | BPF_K, value: verdict)
        append(BPF_JMP | BPF_EXIT)
    }

    private mutating func append(
        _ code: CInt,
        to: UInt64 = 0,
        from: UInt64 = 0,
        offset: UInt64 = 0,
        value: UInt32 = 0
    ) {
        instructions.append(
            UInt64(code) | to << 8 | from << 12 | offset << 16 | UInt64(value) << 32
        )
    }
}
