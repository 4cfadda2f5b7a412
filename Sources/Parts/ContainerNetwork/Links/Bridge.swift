import Glibc

/// A network's bridge, in the calling thread's network namespace.
enum Bridge {
    /// Makes the bridge, or repairs it.
    static func ensure(
        _ network: NetworkConfiguration,
        in state: String
    ) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let link = try route.link(
            network.bridgeName,
            after: [RouteRequest.createBridge(network)]
        )
        guard link.kind == "bridge", link.owner == nil || link.owner?.networkID == network.id else {
            throw NetworkError(
                action: "make network \(network.name)",
                reason: "a link named \(link.name) exists and is not this network's bridge",
                hint: "remove it with: ip link delete \(link.name)"
            )
        }
        // Before it comes up and gives itself an address.
        try Sysctl.write("1", to: "ipv6/conf/\(network.bridgeName)/disable_ipv6")
        try route.perform([
            RouteRequest.setUpBridge(
                network,
                index: link.index,
                owner: Owner(in: state, networkID: network.id)
            ),
            RouteRequest.add(
                network.gateway,
                in: network.subnet,
                link: link.index,
                action: "give bridge \(link.name) the address \(network.gateway)"
            ),
        ])
    }

    /// The network's bridge; made again when it was removed from outside.
    static func find(
        _ route: inout NetlinkSocket,
        _ network: NetworkConfiguration,
        in state: String
    ) throws(NetworkError) -> Link {
        do throws(NetworkError) {
            return try route.link(network.bridgeName)
        } catch  where error.errno == ENODEV {
            try ensure(network, in: state)
            return try route.link(network.bridgeName)
        }
    }
}
