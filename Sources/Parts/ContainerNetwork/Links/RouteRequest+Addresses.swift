import Addresses
import CLinux
import Glibc

/// Messages to rtnetlink about addresses and routes.
extension RouteRequest {
    static func add(
        _ address: IPv4Address,
        in subnet: IPv4Subnet,
        link index: Int32,
        action: String
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWADDR),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(
                ifaddrmsg(
                    ifa_family: UInt8(AF_INET),
                    ifa_prefixlen: subnet.prefixLength,
                    ifa_flags: 0,
                    ifa_scope: 0,
                    ifa_index: UInt32(index)
                )
            )
            $0.attribute(IFA_LOCAL, address.bytes)
            $0.attribute(IFA_ADDRESS, address.bytes)
            $0.attribute(IFA_BROADCAST, subnet.last.bytes)
        }
    }

    static func listAddresses() -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_GETADDR), action: "list addresses") {
            $0.append(
                ifaddrmsg(
                    ifa_family: UInt8(AF_INET),
                    ifa_prefixlen: 0,
                    ifa_flags: 0,
                    ifa_scope: 0,
                    ifa_index: 0
                )
            )
        }
    }

    static func addDefaultRoute(via gateway: IPv4Address, action: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWROUTE),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(route(table: RT_TABLE_MAIN))
            $0.attribute(RTA_GATEWAY, gateway.bytes)
        }
    }

    static func listRoutes() -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_GETROUTE), action: "list routes") {
            var message = rtmsg()
            message.rtm_family = UInt8(AF_INET)
            $0.append(message)
        }
    }

    private static func route(table: rt_class_t) -> rtmsg {
        rtmsg(
            rtm_family: UInt8(AF_INET),
            rtm_dst_len: 0,
            rtm_src_len: 0,
            rtm_tos: 0,
            rtm_table: UInt8(table.rawValue),
            rtm_protocol: UInt8(RTPROT_BOOT),
            rtm_scope: UInt8(RT_SCOPE_UNIVERSE.rawValue),
            rtm_type: UInt8(RTN_UNICAST),
            rtm_flags: 0
        )
    }
}
