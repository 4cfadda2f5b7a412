import Addresses
import CLinux
import Glibc

/// What may come in by a container's link, as a BPF program: only frames with the container's own
/// Ethernet and IPv4 address, ARP that speaks for them, and nothing for 127.0.0.0/8. So what is neither
/// IPv4 nor ARP (IPv6, VLANs) does not pass.
///
/// A container that administers its own network may send with any address; the loopback is out of its
/// reach, too.
struct LinkProgram {
    /// Names the program in `tc filter show`: what it lets through follows from it.
    var name: String
    /// The kernel's instructions, each in its eight bytes.
    var instructions: [UInt64]

    init(for endpoint: Endpoint) {
        var code = Assembly()
        if endpoint.administersNetwork {
            name = "berth-loopback"
            code.keepFromLoopback()
        } else {
            // Without one nothing that an IPv4 host sends comes from it.
            let address = endpoint.ipv4 ?? .any
            let addresses = [address] + endpoint.linkLocalAddresses
            name = "berth-only-\(address)"
            code.admit(endpoint.mac, addresses)
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

    mutating func keepFromLoopback() {
        load(BPF_H, Place.etherType)
        // The kernel takes off one tag before this and the others later, when nobody looks any more.
        drop(BPF_JEQ, UInt32(ETH_P_8021Q))
        drop(BPF_JEQ, UInt32(ETH_P_8021AD))
        let other = jump(BPF_JNE, UInt32(ETH_P_IP))
        load(BPF_B, Place.ipDestination)
        drop(BPF_JEQ, 127)
        land(other)
    }

    mutating func admit(_ sender: MACAddress, _ addresses: [IPv4Address]) {
        loadContext(Self.vlan)
        drop(BPF_JNE, 0)
        loadContext(Self.length)
        drop(BPF_JLT, Place.ipEnd)
        dropUnless(sender, at: Place.sender)
        load(BPF_H, Place.etherType)
        let arp = jump(BPF_JEQ, UInt32(ETH_P_ARP))
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

    private mutating func land(_ jump: Int) {
        instructions[jump] |= UInt64(instructions.count - jump - 1) << 16
    }

    private mutating func leave(with verdict: UInt32) {
        append(BPF_ALU | BPF_MOV | BPF_K, value: verdict)
        append(BPF_JMP | BPF_EXIT)
    }

    private mutating func append(
        _ code: CInt,
        from: UInt64 = 0,
        offset: UInt64 = 0,
        value: UInt32 = 0
    ) {
        instructions.append(UInt64(code) | from << 12 | offset << 16 | UInt64(value) << 32)
    }
}
