import CLinux
import Glibc

/// A link as the kernel describes it.
struct Link: Equatable {
    var index: Int32
    var name: String
    /// The other end's index, in its own namespace, of a veth.
    var peerIndex: Int32?
    var owner: Owner?
    /// Whether packets pass: it is up and so is what it is connected to.
    var isOperational: Bool
    /// `bridge`, `veth`, …
    var kind: String?
    /// Whether somebody brought it up.
    var isUp: Bool
    /// The bridge it is a port of.
    var master: Int32?
    var mtuBytes: UInt32?
    /// How many addresses it may learn, 0 any number, of a bridge; nil before Linux 6.8.
    var maximumLearned: UInt32?
    /// IPv4 settings by `BERTH_IPV4_DEVCONF_…`, of whose names the kernel counts from 1.
    private var settings: [UInt32] = []

    /// Whether it carries 127.0.0.0/8.
    var routesLoopback: Bool { setting(BERTH_IPV4_DEVCONF_ROUTE_LOCALNET) == 1 }

    /// nil when the kernel did not say it.
    func setting(_ number: UInt16) -> UInt32? {
        settings.indices.contains(Int(number) - 1) ? settings[Int(number) - 1] : nil
    }

    /// Reads an `RTM_NEWLINK`.
    init?(_ message: NetlinkMessage) {
        let header = MemoryLayout<ifinfomsg>.size
        guard message.type == UInt16(RTM_NEWLINK), message.payload.count >= header else {
            return nil
        }
        let attributes = message.attributes(after: ifinfomsg.self)
        guard let name = attributes.text(IFLA_IFNAME) else { return nil }
        index = message.payload.number(at: 4, as: Int32.self)
        self.name = name
        peerIndex = attributes.native(IFLA_LINK, as: Int32.self)
        // RFC 2863: 6 is up.
        isOperational = attributes[IFLA_OPERSTATE]?.first == 6
        owner = attributes.text(IFLA_IFALIAS).flatMap { Owner($0) }
        isUp = message.payload.number(at: 8, as: UInt32.self) & UInt32(IFF_UP) != 0
        master = attributes.native(IFLA_MASTER, as: Int32.self)
        mtuBytes = attributes.native(IFLA_MTU, as: UInt32.self)
        let values = attributes.nested(IFLA_AF_SPEC)?.nested(UInt16(AF_INET))?[IFLA_INET_CONF]
        if let values {
            settings = stride(from: 0, to: values.count - 3, by: 4).map {
                values.number(at: $0, as: UInt32.self)
            }
        }
        let details = attributes.nested(IFLA_LINKINFO)
        kind = details?.text(IFLA_INFO_KIND)
        if kind == "bridge" {
            maximumLearned = details?.nested(IFLA_INFO_DATA)?
                .native(BERTH_IFLA_BR_FDB_MAX_LEARNED, as: UInt32.self)
        }
    }
}
