import Addresses
import CLinux

/// Whether the host itself reaches a network's published ports by an address of 127.0.0.0/8.
///
/// That needs `route_localnet` on the bridge, which would let containers reach the host's loopback,
/// too. So it is on only while such a port exists, and behind two walls that do not depend on each
/// other: the firewall's chain `guard`, and a filter of each container's link (`LinkFilter`).
///
/// IPv6 has no such switch and needs none. What the host sends to `::1` is led to a container like all
/// else; for the answers, whose destination is `::1` again when they have come in by the bridge, each bridge
/// with IPv6 has a route for it (`RouteRequest.addLoopbackRoute`). What comes in with that destination from
/// the wire is refused by the kernel before (RFC 4291, 2.5.3).
enum LoopbackReach {
    /// Lets the host in.
    static func open(_ network: NetworkConfiguration) throws(NetworkError) {
        guard !network.isInternal else { return }
        var route = try NetlinkSocket(.route)
        let bridge = try route.link(network.bridgeName)
        guard !bridge.routesLoopback else { return }
        try route.perform([RouteRequest.setLoopbackRouting(true, link: bridge.index)])
    }

    /// Closes it when no port needs it any more.
    static func settle(
        _ network: NetworkConfiguration,
        _ firewall: inout Firewall
    ) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let bridge: Link
        do throws(NetworkError) {
            bridge = try route.link(network.bridgeName)
        } catch  where error.isMissingLink {
            return
        }
        guard bridge.routesLoopback, try !isNeeded(network, &firewall)
        else { return }
        try route.perform([RouteRequest.setLoopbackRouting(false, link: bridge.index)])
        // Somebody may have published a port between the look and the change.
        if try isNeeded(network, &firewall) { try open(network) }
    }

    private static func isNeeded(
        _ network: NetworkConfiguration,
        _ firewall: inout Firewall
    ) throws(NetworkError) -> Bool {
        try firewall.elements(of: HostTable.portMaps).contains { isNeeded($0, network) }
    }

    /// Whether a published port leads from the loopback to a container of the network.
    static func isNeeded(_ element: SetElement, _ network: NetworkConfiguration) -> Bool {
        guard !network.isInternal,
            element.set == HostTable.publishedAnywhere
                || element.set == HostTable.published && element.key.first == 127,
            let container = IPv4Address(bytes: element.value.prefix(4))
        else { return false }
        return network.contains(.v4(container))
    }
}
