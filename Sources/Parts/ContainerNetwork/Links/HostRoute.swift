import Addresses
import CLinux

/// A route or address of the host, as far as it reserves addresses.
struct HostRoute: Equatable {
    var subnet: IPSubnet
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
        guard table != UInt8(RT_TABLE_LOCAL.rawValue) else { return nil }
        guard kind != UInt8(RTN_LOCAL), kind != UInt8(RTN_BROADCAST), kind != UInt8(RTN_MULTICAST),
            kind != UInt8(RTN_ANYCAST), let family = IPFamily(number: bytes[0])
        else { return nil }
        let attributes = message.attributes(after: rtmsg.self)
        let destination = attributes[RTA_DST].flatMap { IPAddress(bytes: $0) } ?? .any(family)
        guard let subnet = IPSubnet(around: destination, prefixLength: prefixLength) else {
            return nil
        }
        self.subnet = subnet
        link = attributes.native(RTA_OIF, as: Int32.self)
    }

    /// The link of a route for `::1` that is ours (`RouteRequest.addLoopbackRoute`).
    static func linkOfLoopback(_ message: NetlinkMessage) -> Int32? {
        guard message.type == UInt16(RTM_NEWROUTE) else { return nil }
        let attributes = message.attributes(after: rtmsg.self)
        guard let destination = attributes[RTA_DST],
            destination.elementsEqual(IPv6Address(1).bytes),
            let link = attributes.native(RTA_OIF, as: Int32.self),
            let priority = attributes.native(RTA_PRIORITY, as: UInt32.self),
            priority == RouteRequest.loopbackPriority(link: link)
        else { return nil }
        return link
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
        guard let value, let address = IPAddress(bytes: value),
            let subnet = IPSubnet(around: address, prefixLength: prefixLength)
        else { return nil }
        self.subnet = subnet
        link = Int32(bitPattern: message.payload.number(at: 4, as: UInt32.self))
    }
}

extension IPAddress {
    /// The address itself in an `RTM_NEWADDR`.
    init?(address message: NetlinkMessage) {
        guard message.type == UInt16(RTM_NEWADDR) else { return nil }
        let attributes = message.attributes(after: ifaddrmsg.self)
        guard let value = attributes[IFA_LOCAL] ?? attributes[IFA_ADDRESS] else { return nil }
        self.init(bytes: value)
    }
}

extension IPFamily {
    init?(number: UInt8) {
        guard let family = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = family
    }
}
