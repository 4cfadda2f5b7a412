import Addresses
import CLinux
import Glibc

/// The kernel's memory of conversations (connection tracking).
///
/// A conversation goes where its first packet was led, as long as packets keep coming. A sender of UDP
/// that never pauses would go on talking to a container that is gone, or to the host, after its port
/// was published again; and a TCP client that called while the port was only held would go on calling
/// the socket that answers nobody. So the memory of these is wiped, and their next packet is looked at
/// like a first. TCP connections that were answered end by themselves.
enum Conntrack {
    /// Forgets what outsiders say to these ports.
    static func forget(_ ports: [PublishedPort]) throws(NetworkError) {
        for (transport, ports) in Dictionary(grouping: ports, by: \.transport) {
            for (family, ports) in Dictionary(grouping: ports, by: \.hostAddress.family) {
                try forget(ports, family, transport)
            }
        }
    }

    private static func forget(
        _ ports: [PublishedPort],
        _ family: IPFamily,
        _ transport: TransportProtocol
    ) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let own = Set(
            try route.dump(RouteRequest.listAddresses(family)).compactMap(IPAddress.init(address:))
        )
        let byPort = Dictionary(grouping: ports, by: \.hostPort)
        var netfilter = try NetlinkSocket(.netfilter)
        let talks = try netfilter.dump(list(family, transport)).compactMap(Conversation.init)
        let ended = talks.filter { talk in
            guard talk.transport == transport.number, transport == .udp || talk.isUnanswered else {
                return false
            }
            return byPort[talk.port]?.contains { port in
                port.hostAddress == talk.address
                    || port.hostAddress == .any(family)
                        && (own.contains(talk.address) || talk.address.isLoopback)
            } ?? false
        }
        try netfilter.perform(ended.map(\.deletion))
    }

    /// IPS_SEEN_REPLY and IPS_DST_NAT of linux/netfilter/nf_conntrack_common.h.
    private static let seenReply: UInt32 = 1 << 1
    private static let ledElsewhere: UInt32 = 1 << 5

    private static let action = "forget conversations"

    private static func messageType(_ type: cntl_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(type.rawValue)
    }

    private static func header(_ family: IPFamily) -> nfgenmsg {
        nfgenmsg(nfgen_family: family.number, version: UInt8(NFNETLINK_V0), res_id: 0)
    }

    /// Without connection tracking there is nothing to list. Kernels since 5.8 leave out, of TCP, what
    /// was answered; of a large table that is nearly all.
    private static func list(
        _ family: IPFamily,
        _ transport: TransportProtocol
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: messageType(IPCTNL_MSG_CT_GET),
            action: action,
            accepted: [ENOENT, EINVAL, EOPNOTSUPP]
        ) {
            $0.append(header(family))
            guard transport == .tcp else { return }
            $0.attribute(CTA_STATUS, big: UInt32(0))
            $0.attribute(CTA_STATUS_MASK, big: seenReply)
        }
    }

    private struct Conversation {
        /// Where its first packet wanted to go.
        var address: IPAddress
        var port: UInt16
        /// The number in an IP header.
        var transport: UInt8
        /// Nobody has said anything to it, and it was led nowhere but to the host.
        var isUnanswered: Bool
        /// What identifies it, as the kernel wrote it.
        private var tuple: [UInt8]
        private var id: [UInt8]

        /// Reads an entry; nil when it has no ports.
        init?(_ message: NetlinkMessage) {
            guard message.type == messageType(IPCTNL_MSG_CT_NEW) else { return nil }
            let attributes = message.attributes(after: nfgenmsg.self)
            guard let tuple = attributes[CTA_TUPLE_ORIG], let id = attributes[CTA_ID],
                let parts = attributes.nested(CTA_TUPLE_ORIG),
                let target = parts.nested(CTA_TUPLE_IP),
                let bytes = target[CTA_IP_V4_DST] ?? target[CTA_IP_V6_DST],
                let address = IPAddress(bytes: bytes),
                let transport = parts.nested(CTA_TUPLE_PROTO),
                let number = transport[CTA_PROTO_NUM]?.first,
                let port = transport.big(CTA_PROTO_DST_PORT, as: UInt16.self)
            else { return nil }
            self.address = address
            self.port = port
            self.transport = number
            let status = attributes.big(CTA_STATUS, as: UInt32.self) ?? 0
            isUnanswered = status & (seenReply | ledElsewhere) == 0
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
