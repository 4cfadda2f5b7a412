import Addresses
import CLinux
import Glibc

@testable import ContainerNetwork

/// Messages that only an attacker or a user at the keyboard would send.
enum Requests {
    static func setDown(_ link: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "take down \(link)") {
            $0.append(
                ifinfomsg(
                    ifi_family: 0,
                    __ifi_pad: 0,
                    ifi_type: 0,
                    ifi_index: 0,
                    ifi_flags: 0,
                    ifi_change: UInt32(IFF_UP)
                )
            )
            $0.attribute(IFLA_IFNAME, link)
        }
    }

    /// So that 127.0.0.0/8 is no longer the namespace itself; taking the link down is not enough.
    static func removeLoopbackAddress() throws -> NetlinkRequest {
        let subnet = try subnet("127.0.0.0/8")
        let address = try address("127.0.0.1")
        // The loopback is the first link of every namespace.
        var request = RouteRequest.add(address, in: subnet, link: 1, action: "remove 127.0.0.1")
        request.type = UInt16(RTM_DELADDR)
        request.flags = 0
        return request
    }

    /// Usable at once: without a look whether somebody else has it.
    static func addIPv6(_ address: IPv6Address, link index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWADDR),
            flags: UInt16(NLM_F_CREATE),
            action: "add an IPv6 address"
        ) {
            $0.append(
                ifaddrmsg(
                    ifa_family: UInt8(AF_INET6),
                    ifa_prefixlen: 64,
                    ifa_flags: UInt8(IFA_F_NODAD),
                    ifa_scope: 0,
                    ifa_index: UInt32(index)
                )
            )
            $0.attribute(IFA_LOCAL, address.bytes)
        }
    }

    static func route(_ subnet: String, via gateway: IPv4Address) throws -> NetlinkRequest {
        let subnet = try ContainerNetworkTests.subnet(subnet)
        return NetlinkRequest(
            type: UInt16(RTM_NEWROUTE),
            flags: UInt16(NLM_F_CREATE),
            action: "add a route"
        ) {
            $0.append(
                rtmsg(
                    rtm_family: UInt8(AF_INET),
                    rtm_dst_len: subnet.prefixLength,
                    rtm_src_len: 0,
                    rtm_tos: 0,
                    rtm_table: UInt8(RT_TABLE_MAIN.rawValue),
                    rtm_protocol: UInt8(RTPROT_BOOT),
                    rtm_scope: UInt8(RT_SCOPE_UNIVERSE.rawValue),
                    rtm_type: UInt8(RTN_UNICAST),
                    rtm_flags: 0
                )
            )
            $0.attribute(RTA_DST, subnet.base.bytes)
            $0.attribute(RTA_GATEWAY, gateway.bytes)
        }
    }

    /// What bridges know of whom they reach by which port.
    static func listLearned() -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_GETNEIGH), action: "list what bridges have learned") {
            var message = ndmsg()
            message.ndm_family = UInt8(AF_BRIDGE)
            $0.append(message)
        }
    }

    static func removeFilters(link index: Int32) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_DELQDISC), action: "remove filters") {
            var message = tcmsg()
            message.tcm_ifindex = index
            message.tcm_handle = BERTH_TC_CLSACT_HANDLE
            message.tcm_parent = BERTH_TC_CLSACT
            $0.append(message)
        }
    }

    static func learnAnyNumber(bridge index: Int32) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "let a bridge learn any number") {
            var header = ifinfomsg()
            header.ifi_index = index
            $0.append(header)
            $0.nested(IFLA_LINKINFO) { link in
                link.attribute(IFLA_INFO_KIND, "bridge")
                link.nested(IFLA_INFO_DATA) {
                    $0.attribute(BERTH_IFLA_BR_FDB_MAX_LEARNED, native: UInt32(0))
                }
            }
        }
    }

    /// A chain that the kernel does not enter by itself.
    static func chain(_ name: String, table: String) -> NetlinkRequest {
        NetlinkRequest(
            type: NFTables.messageType(NFT_MSG_NEWCHAIN),
            flags: UInt16(NLM_F_CREATE),
            action: "make a chain"
        ) {
            $0.append(nfgenmsg(nfgen_family: BERTH_NFPROTO_IPV4, version: 0, res_id: 0))
            $0.attribute(NFTA_CHAIN_TABLE, table)
            $0.attribute(NFTA_CHAIN_NAME, name)
        }
    }

    /// A rule at the end of a chain that only says what happens: NFT_JUMP, NFT_GOTO, drop (0).
    static func verdict(
        _ code: Int32,
        to target: String? = nil,
        in chain: String,
        table: String
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: NFTables.messageType(NFT_MSG_NEWRULE),
            flags: UInt16(NLM_F_CREATE | NLM_F_APPEND),
            action: "add a rule"
        ) {
            $0.append(nfgenmsg(nfgen_family: BERTH_NFPROTO_IPV4, version: 0, res_id: 0))
            $0.attribute(NFTA_RULE_TABLE, table)
            $0.attribute(NFTA_RULE_CHAIN, chain)
            $0.nested(NFTA_RULE_EXPRESSIONS) { list in
                list.nested(NFTA_LIST_ELEM) { element in
                    element.attribute(NFTA_EXPR_NAME, "immediate")
                    element.nested(NFTA_EXPR_DATA) { data in
                        data.attribute(NFTA_IMMEDIATE_DREG, big: NFT_REG_VERDICT.rawValue)
                        data.nested(NFTA_IMMEDIATE_DATA) { immediate in
                            immediate.nested(NFTA_DATA_VERDICT) { verdict in
                                verdict.attribute(NFTA_VERDICT_CODE, big: UInt32(bitPattern: code))
                                if let target { verdict.attribute(NFTA_VERDICT_CHAIN, target) }
                            }
                        }
                    }
                }
            }
        }
    }

    static func dropPolicy(table: String, chain: String) -> NetlinkRequest {
        NetlinkRequest(
            type: NFTables.messageType(NFT_MSG_NEWCHAIN),
            flags: UInt16(NLM_F_CREATE),
            action: "set a policy"
        ) {
            $0.append(nfgenmsg(nfgen_family: BERTH_NFPROTO_IPV4, version: 0, res_id: 0))
            $0.attribute(NFTA_CHAIN_TABLE, table)
            $0.attribute(NFTA_CHAIN_NAME, chain)
            $0.attribute(NFTA_CHAIN_POLICY, big: UInt32(0))
        }
    }
}
