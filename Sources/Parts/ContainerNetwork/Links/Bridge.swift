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
            throw taken(link.name, network)
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

    /// A name of ours that nobody owns is what a crash left. One that was chosen may be anybody's, whom
    /// neither the firewall nor `ensure` may touch then.
    static func checkName(of network: NetworkConfiguration) throws(NetworkError) {
        guard network.chosenName != nil else { return }
        var route = try NetlinkSocket(.route)
        let present: Link
        do throws(NetworkError) {
            present = try route.link(network.bridgeName)
        } catch  where error.isMissingLink {
            return
        }
        guard present.owner?.networkID == network.id else { throw taken(present.name, network) }
    }

    private static func taken(_ name: String, _ network: NetworkConfiguration) -> NetworkError {
        NetworkError(
            action: "make network \(network.name)",
            reason: "a link named \(name) exists and is not this network's bridge",
            hint: network.chosenName == nil
                ? "remove it with: ip link delete \(name)" : "give the bridge another name"
        )
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
