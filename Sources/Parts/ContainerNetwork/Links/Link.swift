import CLinux

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
        kind = attributes.nested(IFLA_LINKINFO)?.text(IFLA_INFO_KIND)
    }
}
