import Addresses
import CLinux
import Glibc

/// The statements our rules are made of, named as one would say them.
extension [Expression] {
    /// The packet is IPv4: before anything is read of its header.
    static var ipv4: Self { network(BERTH_NFPROTO_IPV4) }

    /// The packet is IPv6.
    static var ipv6: Self { network(BERTH_NFPROTO_IPV6) }

    private static func network(_ family: UInt8) -> Self {
        [
            .loadMeta(.networkProtocol, into: Register(0)),
            .compare(Register(0), equal: true, [family]),
        ]
    }

    /// The packet came in by that link; empty for one that came in by none.
    static func input(_ name: String) -> Self { link(name, equal: true) }

    /// The packet did not come in by that link.
    static func inputIsNot(_ name: String) -> Self { link(name, equal: false) }

    /// The packet goes out by that link.
    static func output(_ name: String) -> Self {
        [
            .loadMeta(.outputName, into: Register(0)),
            .compare(Register(0), equal: true, .interfaceName(name)),
        ]
    }

    private static func link(_ name: String, equal: Bool) -> Self {
        [
            .loadMeta(.inputName, into: Register(0)),
            .compare(Register(0), equal: equal, .interfaceName(name)),
        ]
    }

    /// The packet came in by a link whose name begins so.
    static func inputBegins(with prefix: String) -> Self {
        [
            .loadMeta(.inputName, into: Register(0)),
            .compare(Register(0), equal: true, [UInt8](prefix.utf8)),
        ]
    }

    /// The packet goes out by a link whose name begins so.
    static func outputBegins(with prefix: String) -> Self {
        [
            .loadMeta(.outputName, into: Register(0)),
            .compare(Register(0), equal: true, [UInt8](prefix.utf8)),
        ]
    }

    static func input(notIn set: String) -> Self {
        [.loadMeta(.inputName, into: Register(0)), .lookUp(set, Register(0), inverted: true)]
    }

    static func input(in set: String) -> Self {
        [.loadMeta(.inputName, into: Register(0)), .lookUp(set, Register(0), inverted: false)]
    }

    static func output(in set: String) -> Self {
        [.loadMeta(.outputName, into: Register(0)), .lookUp(set, Register(0), inverted: false)]
    }

    static func output(notIn set: String) -> Self {
        [.loadMeta(.outputName, into: Register(0)), .lookUp(set, Register(0), inverted: true)]
    }

    /// Link in, link out is an element of the set.
    static func inputAndOutput(in set: String) -> Self {
        [
            .loadMeta(.inputName, into: Register(0)), .loadMeta(.outputName, into: Register(4)),
            .lookUp(set, Register(0), inverted: false),
        ]
    }

    /// Link in, destination address is not an element of the set.
    static func inputAndDestination(notIn set: String, _ family: IPFamily = .v4) -> Self {
        [
            .loadMeta(.inputName, into: Register(0)), .destination(family, into: Register(4)),
            .lookUp(set, Register(0), inverted: true),
        ]
    }

    /// The set has that element, whatever the packet.
    static func element(_ key: [UInt8], in set: String) -> Self {
        [.set(Register(0), key), .lookUp(set, Register(0), inverted: false)]
    }

    static func destination(in set: String, _ family: IPFamily = .v4) -> Self {
        [.destination(family, into: Register(0)), .lookUp(set, Register(0), inverted: false)]
    }

    static func destination(_ address: IPv4Address) -> Self {
        [.destination(.v4, into: Register(0)), .compare(Register(0), equal: true, address.bytes)]
    }

    static func source(_ address: IPv4Address) -> Self {
        [
            .loadPayload(.network, offset: 12, count: 4, into: Register(0)),
            .compare(Register(0), equal: true, address.bytes),
        ]
    }

    /// The destination is one of 127.0.0.0/8.
    static var destinationIsLoopback: Self {
        [
            .loadPayload(.network, offset: 16, count: 1, into: Register(0)),
            .compare(Register(0), equal: true, [127]),
        ]
    }

    /// The destination is an address of the host.
    static var destinationIsLocal: Self {
        let local: UInt32 = 2  // RTN_LOCAL, in the machine's order
        return [
            .loadDestinationType(into: Register(0)),
            .compare(Register(0), equal: true, Swift.withUnsafeBytes(of: local) { [UInt8]($0) }),
        ]
    }

    /// The packet belongs to a connection that was let through, or reports an error of one.
    static var established: Self { connection(.state, has: 0x2 | 0x4) }

    /// The packet belongs to no connection and begins none.
    static var invalid: Self { connection(.state, has: 0x1) }

    /// The connection's destination was replaced (`IPS_DST_NAT`).
    static var destinationReplaced: Self { connection(.status, has: 0x20) }

    private static func connection(_ key: Expression.Connection, has bits: UInt32) -> Self {
        [
            .loadConnection(key, into: Register(0)),
            .mask(Register(0), Swift.withUnsafeBytes(of: bits) { [UInt8]($0) }),
            .compare(Register(0), equal: false, [0, 0, 0, 0]),
        ]
    }

    static func transport(_ transport: TransportProtocol) -> Self {
        [
            .loadMeta(.transportProtocol, into: Register(0)),
            .compare(Register(0), equal: true, [transport.number]),
        ]
    }

    /// The packet is ICMPv6 of that type.
    static func icmpv6(_ type: UInt8) -> Self {
        [
            .loadMeta(.transportProtocol, into: Register(0)),
            .compare(Register(0), equal: true, [UInt8(IPPROTO_ICMPV6)]),
            .loadPayload(.transport, offset: 0, count: 1, into: Register(0)),
            .compare(Register(0), equal: true, [type]),
        ]
    }

    /// Leads the connection to the container that the map has for address, protocol and port.
    static func toContainer(byAddressIn map: String, _ family: IPFamily) -> Self {
        let next = family.registers
        return [
            .destination(family, into: Register(0)),
            .loadMeta(.transportProtocol, into: Register(next)),
            .loadPayload(.transport, offset: 2, count: 2, into: Register(next + 1)),
        ] + destination(from: map, family)
    }

    /// Leads the connection to the container that the map has for protocol and port.
    static func toContainer(byPortIn map: String, _ family: IPFamily) -> Self {
        [
            .loadMeta(.transportProtocol, into: Register(0)),
            .loadPayload(.transport, offset: 2, count: 2, into: Register(1)),
        ] + destination(from: map, family)
    }

    private static func destination(from map: String, _ family: IPFamily) -> Self {
        // Behind the longest key.
        let first: UInt32 = family == .v4 ? 4 : 8
        return [
            .map(map, key: Register(0), into: Register(first)),
            .destinationNAT(
                family: family == .v4 ? BERTH_NFPROTO_IPV4 : BERTH_NFPROTO_IPV6,
                address: Register(first),
                port: Register(first + family.registers)
            ),
        ]
    }

    static var masquerade: Self { [.masquerade] }
    static var accept: Self { [.verdict(.accept)] }
    static var drop: Self { [.verdict(.drop)] }
}

extension Expression {
    fileprivate static func destination(
        _ family: IPFamily,
        into register: Register
    ) -> Expression {
        .loadPayload(
            .network,
            offset: family == .v4 ? 16 : 24,
            count: family.registers * 4,
            into: register
        )
    }
}

extension IPFamily {
    /// How many registers an address takes.
    fileprivate var registers: UInt32 { self == .v4 ? 1 : 4 }
}
