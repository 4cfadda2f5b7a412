import Addresses
import CLinux
import Glibc

/// Links that are on other links: macvlan, ipvlan, parts for VLANs.
extension RouteRequest {
    /// Creates a container's link in its network namespace, still down.
    static func createChild(
        _ endpoint: Endpoint,
        of parent: Int32,
        _ options: ParentOptions,
        mtuBytes: UInt32?,
        netns: CInt,
        action: String
    ) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(RTM_NEWLINK), flags: create, action: action) { message in
            message.append(ifinfomsg())
            message.attribute(IFLA_IFNAME, endpoint.interfaceName)
            message.attribute(IFLA_LINK, native: parent)
            message.attribute(IFLA_NET_NS_FD, native: netns)
            // Without one it has its parent's.
            if let mtuBytes { message.attribute(IFLA_MTU, native: mtuBytes) }
            switch options.mode {
            case .macvlan(let mode):
                message.attribute(IFLA_ADDRESS, endpoint.mac.bytes)
                message.nested(IFLA_LINKINFO) {
                    $0.attribute(IFLA_INFO_KIND, "macvlan")
                    $0.nested(IFLA_INFO_DATA) {
                        $0.attribute(IFLA_MACVLAN_MODE, native: mode.number)
                    }
                }
            case .ipvlan(let mode, let flag):
                message.nested(IFLA_LINKINFO) {
                    $0.attribute(IFLA_INFO_KIND, "ipvlan")
                    $0.nested(IFLA_INFO_DATA) {
                        $0.attribute(IFLA_IPVLAN_MODE, native: mode.number)
                        $0.attribute(IFLA_IPVLAN_FLAGS, native: flag.number)
                    }
                }
            }
        }
    }

    /// Creates a link for one VLAN of another link.
    static func createVLAN(
        _ name: String,
        _ number: UInt16,
        of parent: Int32,
        action: String
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.attribute(IFLA_LINK, native: parent)
            $0.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_KIND, "vlan")
                $0.nested(IFLA_INFO_DATA) { $0.attribute(IFLA_VLAN_ID, native: number) }
            }
        }
    }

    /// Creates a link that leads nowhere.
    static func createDummy(_ name: String, action: String) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            flags: create,
            action: action,
            accepted: [EEXIST]
        ) {
            $0.append(ifinfomsg())
            $0.attribute(IFLA_IFNAME, name)
            $0.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "dummy") }
        }
    }
}
