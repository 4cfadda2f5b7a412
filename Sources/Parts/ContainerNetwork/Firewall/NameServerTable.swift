import Addresses

/// The firewall table inside a container's network namespace: packets for 127.0.0.11:53 go to our
/// name server's ports and its answers come back as from 53. Ports are rewritten packet by packet,
/// on the way out of the sender, so that the container needs no connection tracking and its own
/// port 53 stays free.
enum NameServerTable {
    static let address = IPv4Address(127 << 24 | 11)
    static let port: UInt16 = 53

    static func table(udp: UInt16, tcp: UInt16) -> Table {
        Table(
            name: HostTable.name,
            chains: [
                Chain(
                    name: "name-server",
                    type: .filter,
                    hook: .output,
                    priority: -300,
                    rules: [
                        question(.udp, to: udp), question(.tcp, to: tcp), answer(.udp, from: udp),
                        answer(.tcp, from: tcp),
                    ]
                )
            ]
        )
    }

    private static func question(_ transport: TransportProtocol, to port: UInt16) -> Rule {
        Rule(
            "questions over \(transport.rawValue)",
            .ipv4,
            .destination(address),
            .transport(transport),
            [
                .loadPayload(.transport, offset: 2, count: 2, into: Register(0)),
                .compare(Register(0), equal: true, Self.port.bigEndianBytes),
                .set(Register(0), port.bigEndianBytes),
                .storePayload(
                    from: Register(0),
                    .transport,
                    offset: 2,
                    count: 2,
                    checksumOffset: transport.checksumOffset
                ),
            ]
        )
    }

    private static func answer(_ transport: TransportProtocol, from port: UInt16) -> Rule {
        Rule(
            "answers over \(transport.rawValue)",
            .ipv4,
            .source(address),
            .transport(transport),
            [
                .loadPayload(.transport, offset: 0, count: 2, into: Register(0)),
                .compare(Register(0), equal: true, port.bigEndianBytes),
                .set(Register(0), Self.port.bigEndianBytes),
                .storePayload(
                    from: Register(0),
                    .transport,
                    offset: 0,
                    count: 2,
                    checksumOffset: transport.checksumOffset
                ),
            ]
        )
    }
}

extension TransportProtocol {
    /// Where its header has the checksum.
    fileprivate var checksumOffset: UInt32 { self == .tcp ? 16 : 6 }
}
