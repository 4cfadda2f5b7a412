import Addresses
import CLinux
import Glibc

/// Messages to rtnetlink, here about links. rtnetlink(7).
enum RouteRequest {
    static let create = UInt16(NLM_F_CREATE | NLM_F_EXCL)
    private static let up = UInt32(IFF_UP)
    /// How many Ethernet addresses a bridge remembers, of those it has learned: four for each of the
    /// 1,024 ports it can have. Before Linux 6.8 there is no bound.
    static let maximumLearned: UInt32 = 4096

    /// Creates the network's bridge, still down. Its address is fixed, for otherwise it would
    /// change with the lowest of its ports.
    static func createBridge(_ network: NetworkConfiguration) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            flags: create,
            action: "create bridge \(network.bridgeName) for network \(network.name)",
            accepted: [EEXIST]
        ) { message in
            message.append(ifinfomsg())
            message.attribute(IFLA_IFNAME, network.bridgeName)
            message.attribute(IFLA_ADDRESS, MACAddress(for: network.gateways).bytes)
            message.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "bridge") }
        }
    }

    /// Sets everything about the bridge that may have been changed, and brings it up.
    ///
    /// Strict reverse path filtering keeps containers from sending with addresses that are not of
    /// their network.
    static func setUpBridge(
        _ network: NetworkConfiguration,
        index: Int32,
        owner: Owner
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            action: "bring up bridge \(network.bridgeName) of network \(network.name)"
        ) { message in
            message.append(header(index: index, flags: up, change: up))
            message.attribute(IFLA_IFALIAS, owner.description)
            message.attribute(IFLA_MTU, native: network.mtuBytes)
            message.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_KIND, "bridge")
                $0.nested(IFLA_INFO_DATA) {
                    $0.attribute(BERTH_IFLA_BR_FDB_MAX_LEARNED, native: maximumLearned)
                }
            }
            message.nested(IFLA_AF_SPEC) {
                $0.nested(UInt16(AF_INET)) {
                    $0.nested(IFLA_INET_CONF) { conf in
                        conf.attribute(BERTH_IPV4_DEVCONF_RP_FILTER, native: UInt32(1))
                        conf.attribute(BERTH_IPV4_DEVCONF_ACCEPT_REDIRECTS, native: UInt32(0))
                        conf.attribute(BERTH_IPV4_DEVCONF_SEND_REDIRECTS, native: UInt32(0))
                    }
                }
            }
        }
    }

    /// Lets a link carry 127.0.0.0/8, or not: `LoopbackReach` says when.
    static func setLoopbackRouting(_ isOn: Bool, link index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            action: "set route_localnet of link \(index) to \(isOn ? 1 : 0)"
        ) { message in
            message.append(header(index: index, flags: 0, change: 0))
            message.nested(IFLA_AF_SPEC) {
                $0.nested(UInt16(AF_INET)) {
                    $0.nested(IFLA_INET_CONF) { conf in
                        conf.attribute(
                            BERTH_IPV4_DEVCONF_ROUTE_LOCALNET,
                            native: UInt32(isOn ? 1 : 0)
                        )
                    }
                }
            }
        }
    }

    /// Creates a veth pair: the host's end as a port of the bridge, the other end directly in the
    /// container's network namespace. Both are still down: the kernel cannot bring up one end
    /// before the other exists.
    static func createVeth(
        _ name: String,
        bridge: Int32,
        _ endpoint: Endpoint,
        _ network: NetworkConfiguration,
        netns: CInt
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            flags: create,
            action:
                "connect container \(endpoint.containerID.prefix(12)) to network \(network.name)"
        ) { message in
            message.append(ifinfomsg())
            message.attribute(IFLA_IFNAME, name)
            message.attribute(IFLA_MTU, native: network.mtuBytes)
            message.attribute(IFLA_MASTER, native: bridge)
            haveOneQueue(&message)
            message.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_KIND, "veth")
                $0.nested(IFLA_INFO_DATA) {
                    $0.nested(VETH_INFO_PEER) { peer in
                        peer.append(ifinfomsg())
                        peer.attribute(IFLA_IFNAME, endpoint.interfaceName)
                        peer.attribute(IFLA_ADDRESS, endpoint.mac.bytes)
                        peer.attribute(IFLA_MTU, native: network.mtuBytes)
                        peer.attribute(IFLA_NET_NS_FD, native: netns)
                        haveOneQueue(&peer)
                    }
                }
            }
        }
    }

    /// As veth has anyhow, unless asked: but then it makes one for each processor first, and waits
    /// for all processors as it takes them back, while nobody else can change a link.
    private static func haveOneQueue(_ message: inout AttributeWriter) {
        message.attribute(IFLA_NUM_TX_QUEUES, native: UInt32(1))
        message.attribute(IFLA_NUM_RX_QUEUES, native: UInt32(1))
    }

    /// Writes the owner on a link.
    static func setAlias(_ name: String, _ owner: Owner) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "name the owner of link \(name)") {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.attribute(IFLA_IFALIAS, owner.description)
        }
    }

    /// Keeps the kernel from giving a link an IPv6 address of its own, which nobody asked for.
    /// Refused where the kernel has no IPv6, and then not needed.
    static func withoutIPv6Address(_ name: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            action: "keep IPv6 off link \(name)",
            accepted: [EAFNOSUPPORT, EOPNOTSUPP, EINVAL]
        ) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.nested(IFLA_AF_SPEC) {
                $0.nested(UInt16(AF_INET6)) {
                    let none = UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)
                    $0.attribute(IFLA_INET6_ADDR_GEN_MODE, [none])
                }
            }
        }
    }

    /// Lets a bridge send a packet back through the port it came from.
    static func allowHairpin(_ name: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "set up bridge port \(name)") {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                $0.nested(IFLA_INFO_SLAVE_DATA) { $0.attribute(IFLA_BRPORT_MODE, [1]) }
            }
        }
    }

    /// Keeps a bridge port from the other ones of which that is said too; the host it reaches.
    static func isolate(_ name: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "isolate bridge port \(name)") {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                $0.nested(IFLA_INFO_SLAVE_DATA) { $0.attribute(IFLA_BRPORT_ISOLATED, [1]) }
            }
        }
    }

    /// Makes a link a port of a bridge.
    static func join(_ name: String, bridge: Int32) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "set up bridge port \(name)") {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.attribute(IFLA_MASTER, native: bridge)
        }
    }

    static func setUp(_ name: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), action: "bring up link \(name)") {
            $0.append(header(index: 0, flags: up, change: up))
            $0.attribute(IFLA_IFNAME, name)
        }
    }

    static func delete(link name: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_DELLINK),
            action: "remove link \(name)",
            accepted: [ENODEV]
        ) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
        }
    }

    /// Removes a link by its number, if it is there.
    static func delete(link index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_DELLINK),
            action: "remove link \(index)",
            accepted: [ENODEV]
        ) { $0.append(header(index: index, flags: 0, change: 0)) }
    }

    /// Takes a link down, if it is there: `name` is for the message.
    static func setDown(_ index: Int32, named name: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            action: "take down link \(name)",
            accepted: [ENODEV]
        ) { $0.append(header(index: index, flags: 0, change: up)) }
    }

    /// Puts a link into a group, if it is there; 0 is everybody's.
    static func setGroup(_ index: Int32, _ group: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            action: "remove link \(index)",
            accepted: [ENODEV]
        ) {
            $0.append(header(index: index, flags: 0, change: 0))
            $0.attribute(IFLA_GROUP, native: group)
        }
    }

    /// Removes all links of a group at once.
    static func delete(group: UInt32, action: String) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_DELLINK), action: action, accepted: [ENODEV]) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_GROUP, native: group)
        }
    }

    static func get(link name: String, accepted: Set<CInt> = []) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_GETLINK),
            action: "look at link \(name)",
            accepted: accepted
        ) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
        }
    }

    static func listLinks() -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_GETLINK), action: "list links") { $0.append(ifinfomsg()) }
    }

    private static func header(index: Int32, flags: UInt32, change: UInt32) -> ifinfomsg {
        ifinfomsg(
            ifi_family: UInt8(AF_UNSPEC),
            __ifi_pad: 0,
            ifi_type: 0,
            ifi_index: index,
            ifi_flags: flags,
            ifi_change: change
        )
    }
}
