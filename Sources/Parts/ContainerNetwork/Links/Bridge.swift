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
        try setIPv6(of: network)
        var requests = [
            RouteRequest.setUpBridge(
                network,
                index: link.index,
                owner: Owner(in: state, networkID: network.id)
            )
        ]
        for gateway in network.hostAddresses {
            requests.append(
                try RouteRequest.add(
                    gateway,
                    of: network,
                    link: link.index,
                    action: "give bridge \(link.name) the address \(gateway)"
                )
            )
        }
        if network.ipv6 != nil, !network.isInternal {
            requests.append(RouteRequest.addLoopbackRoute(link: link.index))
        }
        try route.perform(requests)
    }

    /// The host believes nothing that containers say as routers, and has its addresses at once.
    private static func setIPv6(of network: NetworkConfiguration) throws(NetworkError) {
        let folder = "ipv6/conf/\(network.bridgeName)"
        guard network.ipv6 != nil else {
            return try Sysctl.write("1", to: "\(folder)/disable_ipv6")
        }
        for name in ["accept_ra", "accept_redirects", "accept_dad", "disable_ipv6"] {
            try Sysctl.write("0", to: "\(folder)/\(name)")
        }
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
