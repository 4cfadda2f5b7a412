import Addresses
import CLinux
import Glibc

/// The kernel's memory of UDP conversations (connection tracking).
///
/// A conversation goes where its first packet was led, as long as packets keep coming. A sender that
/// never pauses would go on talking to a container that is gone, or to the host, after its port was
/// published again: so the memory of these is wiped, and their next packet is looked at like a first.
enum Conntrack {
    /// Forgets what outsiders say to these ports. TCP does without: its connections end.
    static func forget(_ ports: [PublishedPort]) throws(NetworkError) {
        let ports = ports.filter { $0.transport == .udp }
        guard !ports.isEmpty else { return }
        for (family, ports) in Dictionary(grouping: ports, by: \.hostAddress.family) {
            try forget(ports, family)
        }
    }

    private static func forget(
        _ ports: [PublishedPort],
        _ family: IPFamily
    ) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let own = Set(
            try route.dump(RouteRequest.listAddresses(family)).compactMap(IPAddress.init(address:))
        )
        let byPort = Dictionary(grouping: ports, by: \.hostPort)
        var netfilter = try NetlinkSocket(.netfilter)
        let talks = try netfilter.dump(list(family)).compactMap(Conversation.init)
        let ended = talks.filter { talk in
            byPort[talk.port]?.contains { port in
                port.hostAddress == talk.address
                    || port.hostAddress == .any(family)
                        && (own.contains(talk.address) || talk.address.isLoopback)
            } ?? false
        }
        try netfilter.perform(ended.map(\.deletion))
    }

    private static let action = "forget UDP conversations"

    private static func messageType(_ type: cntl_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(type.rawValue)
    }

    private static func header(_ family: IPFamily) -> nfgenmsg {
        nfgenmsg(nfgen_family: family.number, version: UInt8(NFNETLINK_V0), res_id: 0)
    }

    /// Without connection tracking there is nothing to list.
    private static func list(_ family: IPFamily) -> NetlinkRequest {
        NetlinkRequest(
            type: messageType(IPCTNL_MSG_CT_GET),
            action: action,
            accepted: [ENOENT, EINVAL, EOPNOTSUPP]
        ) { $0.append(header(family)) }
    }

    private struct Conversation {
        /// Where its first packet wanted to go.
        var address: IPAddress
        var port: UInt16
        /// What identifies it, as the kernel wrote it.
        private var tuple: [UInt8]
        private var id: [UInt8]

        /// Reads an entry; nil when it is not UDP.
        init?(_ message: NetlinkMessage) {
            guard message.type == messageType(IPCTNL_MSG_CT_NEW) else { return nil }
            let attributes = message.attributes(after: nfgenmsg.self)
            guard let tuple = attributes[CTA_TUPLE_ORIG], let id = attributes[CTA_ID],
                let parts = attributes.nested(CTA_TUPLE_ORIG),
                let target = parts.nested(CTA_TUPLE_IP),
                let bytes = target[CTA_IP_V4_DST] ?? target[CTA_IP_V6_DST],
                let address = IPAddress(bytes: bytes),
                let transport = parts.nested(CTA_TUPLE_PROTO),
                transport[CTA_PROTO_NUM]?.first == TransportProtocol.udp.number,
                let port = transport.big(CTA_PROTO_DST_PORT, as: UInt16.self)
            else { return nil }
            self.address = address
            self.port = port
            self.tuple = Array(tuple)
            self.id = Array(id)
        }

        /// It may have ended by itself meanwhile.
        var deletion: NetlinkRequest {
            NetlinkRequest(
                type: messageType(IPCTNL_MSG_CT_DELETE),
                action: action,
                accepted: [ENOENT]
            ) {
                $0.append(header(address.family))
                $0.attribute(CTA_TUPLE_ORIG.attributeType | UInt16(NLA_F_NESTED), tuple)
                $0.attribute(CTA_ID, id)
            }
        }
    }
}
