import CLinux
import Glibc
import Linux

/// A network's bridge and its ports, in the calling thread's network namespace.
enum Bridge {
    /// Makes the bridge, or repairs it.
    static func ensure(_ network: NetworkConfiguration) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let link = try createdLink(
            &route,
            network.bridgeName,
            [RouteRequest.createBridge(network)]
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
            RouteRequest.setUpBridge(network, index: link.index),
            RouteRequest.add(
                network.gateway,
                in: network.subnet,
                link: link.index,
                action: "give bridge \(link.name) the address \(network.gateway)"
            ),
        ])
    }

    /// Makes a veth pair between the bridge and the container; gives the index of the container's end
    /// in its namespace.
    static func connect(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        netns: SharedFD
    ) throws(NetworkError) -> Int32 {
        var route = try NetlinkSocket(.route)
        let name = LinkName.veth(container: endpoint.containerID, network: network.id)
        let bridge = try find(&route, network)
        // Where br_netfilter turns round what a container sends to its own published port, without
        // routing it, the bridge must not mind.
        let hairpin = try Sysctl.read("bridge/bridge-nf-call-iptables") == "1"
        func connect(_ route: inout NetlinkSocket) throws(NetworkError) -> Link {
            let requests = netns.with { number in
                [
                    RouteRequest.createVeth(
                        name,
                        bridge: bridge.index,
                        endpoint,
                        network,
                        netns: number
                    ),
                    RouteRequest.setAlias(
                        name,
                        Owner(containerID: endpoint.containerID, networkID: network.id)
                    ),
                    RouteRequest.withoutIPv6Address(name), RouteRequest.setUp(name),
                ] + (hairpin ? [RouteRequest.allowHairpin(name)] : [])
            }
            return try createdLink(&route, name, requests)
        }
        let link: Link
        do throws(NetworkError) {
            link = try connect(&route)
        } catch  where error.errno == EEXIST {
            try route.perform([RouteRequest.delete(link: name)])
            link = try connect(&route)
        }
        guard let peer = link.peerIndex else {
            throw NetworkError(
                action: requestsAction(endpoint, network),
                reason: "the kernel does not say which link is at the other end of \(name)"
            )
        }
        return peer
    }

    private static func find(
        _ route: inout NetlinkSocket,
        _ network: NetworkConfiguration
    ) throws(NetworkError) -> Link {
        do throws(NetworkError) {
            return try createdLink(&route, network.bridgeName, [])
        } catch  where error.errno == ENODEV {
            // Removed from outside since it was made.
            try ensure(network)
            return try createdLink(&route, network.bridgeName, [])
        }
    }

    /// Carries out the requests and looks at the link they are about, in one call.
    private static func createdLink(
        _ route: inout NetlinkSocket,
        _ name: String,
        _ requests: [NetlinkRequest]
    ) throws(NetworkError) -> Link {
        let get = RouteRequest.get(link: name)
        let answers = try route.perform(requests + [get])
        guard let link = answers.last?.lazy.compactMap(Link.init).first else {
            throw NetworkError(action: get.action, reason: "the kernel did not describe it")
        }
        return link
    }

    private static func requestsAction(
        _ endpoint: Endpoint,
        _ network: NetworkConfiguration
    ) -> String {
        "connect container \(endpoint.containerID.prefix(12)) to network \(network.name)"
    }
}
