import Addresses
import CLinux
import Glibc

/// Messages to rtnetlink about addresses and routes.
extension RouteRequest {
    /// Gives a link an address; an IPv6 one is used at once, without a look whether somebody has it.
    static func add<Address: AddressNumber>(
        _ address: Address,
        in subnet: Subnet<Address>,
        link index: Int32,
        action: String
    ) -> NetlinkRequest {
        let family = address.either.family
        return NetlinkRequest(
            type: UInt16(RTM_NEWADDR),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(
                ifaddrmsg(
                    ifa_family: family.number,
                    ifa_prefixlen: subnet.prefixLength,
                    ifa_flags: family == .v4 ? 0 : UInt8(IFA_F_NODAD),
                    ifa_scope: 0,
                    ifa_index: UInt32(index)
                )
            )
            $0.attribute(IFA_LOCAL, address.bytes)
            $0.attribute(IFA_ADDRESS, address.bytes)
            if Address.hasBroadcast { $0.attribute(IFA_BROADCAST, subnet.last.bytes) }
        }
    }

    /// The same for an address of a network of ours, or of one link.
    static func add(
        _ address: IPAddress,
        of network: NetworkConfiguration,
        link index: Int32,
        action: String
    ) throws(NetworkError) -> NetlinkRequest {
        switch address {
        case .v4(let own):
            if let subnet = network.ipv4?.subnet {
                return add(own, in: subnet, link: index, action: action)
            }
        case .v6(let own):
            if let subnet = network.ipv6?.subnet {
                return add(own, in: subnet, link: index, action: action)
            }
        }
        throw NetworkError(
            action: action,
            reason: "the network has no \(address.family.words), "
                + "and the container's address is \(address)"
        )
    }

    static func listAddresses(_ family: IPFamily) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_GETADDR),
            action: "list addresses",
            accepted: [EOPNOTSUPP, EAFNOSUPPORT]
        ) {
            $0.append(
                ifaddrmsg(
                    ifa_family: family.number,
                    ifa_prefixlen: 0,
                    ifa_flags: 0,
                    ifa_scope: 0,
                    ifa_index: 0
                )
            )
        }
    }

    static func addDefaultRoute(via gateway: IPAddress, action: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWROUTE),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(route(gateway.family, to: 0, table: RT_TABLE_MAIN, type: RTN_UNICAST))
            $0.attribute(RTA_GATEWAY, gateway.bytes)
        }
    }

    /// In the place of another one.
    static func replaceDefaultRoute(via gateway: IPAddress, action: String) -> NetlinkRequest {
        var request = addDefaultRoute(via: gateway, action: action)
        request.flags = UInt16(NLM_F_CREATE | NLM_F_REPLACE)
        return request
    }

    static func removeDefaultRoute(_ family: IPFamily, action: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_DELROUTE), action: action, accepted: [ESRCH]) {
            $0.append(route(family, to: 0, table: RT_TABLE_MAIN, type: RTN_UNICAST))
        }
    }

    /// Takes what comes in by a link for `::1` for the host's own, once it got there: the kernel lets
    /// nothing in that says so on the wire. `LoopbackReach` says what for.
    static func addLoopbackRoute(link index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWROUTE),
            flags: create,
            action: "let ::1 lead to published ports",
            accepted: [EEXIST]
        ) {
            $0.append(route(.v6, to: 128, table: RT_TABLE_LOCAL, type: RTN_LOCAL))
            $0.attribute(RTA_DST, IPv6Address(1).bytes)
            $0.attribute(RTA_OIF, native: index)
            $0.attribute(RTA_PRIORITY, native: loopbackPriority(link: index))
        }
    }

    /// Behind the loopback's own, and another one for each link: two routes that only differ in their
    /// links are one for the kernel.
    static func loopbackPriority(link index: Int32) -> UInt32 { 2048 + UInt32(index) }

    static func listRoutes(_ family: IPFamily) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_GETROUTE),
            action: "list routes",
            accepted: [EOPNOTSUPP, EAFNOSUPPORT]
        ) {
            var message = rtmsg()
            message.rtm_family = family.number
            $0.append(message)
        }
    }

    private static func route(
        _ family: IPFamily,
        to bits: UInt8,
        table: rt_class_t,
        type: some BinaryInteger
    ) -> rtmsg {
        rtmsg(
            rtm_family: family.number,
            rtm_dst_len: bits,
            rtm_src_len: 0,
            rtm_tos: 0,
            rtm_table: UInt8(table.rawValue),
            rtm_protocol: UInt8(RTPROT_BOOT),
            rtm_scope: UInt8(RT_SCOPE_UNIVERSE.rawValue),
            rtm_type: UInt8(type),
            rtm_flags: 0
        )
    }
}

extension IPFamily {
    /// `AF_INET`, `AF_INET6`.
    var number: UInt8 { UInt8(self == .v4 ? AF_INET : AF_INET6) }
}
