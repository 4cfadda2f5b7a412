import Addresses
import CLinux

/// An IPv4 route or address of the host, as far as it reserves addresses.
struct HostRoute: Equatable {
    var subnet: IPv4Subnet
    /// The link it goes through, when it names one.
    var link: Int32?

    /// Reads an `RTM_NEWROUTE` of a table that unicast goes by; the `local` table only repeats
    /// addresses, which `init?(address:)` reads.
    init?(route message: NetlinkMessage) {
        let header = MemoryLayout<rtmsg>.size
        guard message.type == UInt16(RTM_NEWROUTE), message.payload.count >= header else {
            return nil
        }
        let bytes = [UInt8](message.payload.prefix(header))
        let (prefixLength, table, kind) = (bytes[1], bytes[4], bytes[7])
        guard prefixLength <= 32, table != UInt8(RT_TABLE_LOCAL.rawValue) else { return nil }
        guard kind != UInt8(RTN_LOCAL), kind != UInt8(RTN_BROADCAST), kind != UInt8(RTN_MULTICAST)
        else { return nil }
        let attributes = message.attributes(after: rtmsg.self)
        let destination = attributes[RTA_DST].flatMap { IPv4Address(bytes: $0) } ?? .any
        subnet = IPv4Subnet(around: destination, prefixLength: prefixLength)
        link = attributes.native(RTA_OIF, as: Int32.self)
    }

    /// Reads an `RTM_NEWADDR`.
    init?(address message: NetlinkMessage) {
        let header = MemoryLayout<ifaddrmsg>.size
        guard message.type == UInt16(RTM_NEWADDR), message.payload.count >= header else {
            return nil
        }
        let prefixLength = [UInt8](message.payload.prefix(2))[1]
        let attributes = message.attributes(after: ifaddrmsg.self)
        let value = attributes[IFA_ADDRESS] ?? attributes[IFA_LOCAL]
        guard let value, let address = IPv4Address(bytes: value), prefixLength <= 32 else {
            return nil
        }
        subnet = IPv4Subnet(around: address, prefixLength: prefixLength)
        link = Int32(bitPattern: message.payload.number(at: 4, as: UInt32.self))
    }
}

extension IPv4Address {
    /// The address itself in an `RTM_NEWADDR`.
    init?(address message: NetlinkMessage) {
        guard message.type == UInt16(RTM_NEWADDR) else { return nil }
        let attributes = message.attributes(after: ifaddrmsg.self)
        guard let value = attributes[IFA_LOCAL] ?? attributes[IFA_ADDRESS] else { return nil }
        self.init(bytes: value)
    }
}
