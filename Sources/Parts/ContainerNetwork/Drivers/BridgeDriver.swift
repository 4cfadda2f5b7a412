import Addresses

/// Docker's kind of network: a bridge with the host on it, and a veth pair for each container.
struct BridgeDriver: NetworkDriver {
    func validate(_ network: NetworkConfiguration) throws(NetworkError) {
        let action = "make network \(network.name)"
        if let outside = network.gateways.first(where: { !network.contains($0) }) {
            let subnet = [network.ipv4?.subnet.either, network.ipv6?.subnet.either]
                .compactMap { $0 }.first { $0.family == outside.family }
            throw NetworkError(
                action: action,
                reason: "its gateway \(outside) is not in its subnet "
                    + (subnet?.description ?? "")
            )
        }
        guard !network.gateways.isEmpty else {
            throw NetworkError(action: action, reason: "it has neither IPv4 nor IPv6")
        }
    }

    func ensure(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError) -> FormerForwarding {
        try Bridge.checkName(of: network)
        if network.ipv6 != nil { try KernelIPv6.check(for: network) }
        // First the walls, then what they protect.
        var firewall = try Firewall()
        try firewall.install(HostTable.table)
        try firewall.put(
            HostTable.elements(of: network, in: state),
            in: HostTable.table,
            action: "set up the firewall for network \(network.name)"
        )
        let former = try Forwarding.turnOn(&firewall, for: network, before: before)
        try Admission.ask(&firewall)
        try Bridge.ensure(network, in: state)
        return former
    }

    func links(of network: NetworkConfiguration) -> [String] { [network.bridgeName] }

    func remove(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError) {
        var firewall = try Firewall()
        try firewall.replaceEarlier(HostTable.table)
        try firewall.remove(
            HostTable.elements(of: network, in: state),
            from: HostTable.name,
            action: "remove network \(network.name) from the firewall"
        )
        try Forwarding.leave(&firewall, before: before)
    }

    func attach(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        in state: String,
        container: ContainerEnd
    ) throws(NetworkError) {
        var connection = try Connection(
            endpoint,
            to: network,
            in: state,
            container: container.route
        )
        try connection.make(netns: container.netns)
    }

    func reattach(_ connection: ExpectedConnection, in state: String) throws(NetworkError) {
        var route = try NetlinkSocket(.route)
        let bridge = try Bridge.find(&route, connection.network, in: state)
        let link = try route.link(connection.linkName)
        try LinkFilter.ensure(
            &route,
            link: link.index,
            for: connection.endpoint,
            home: LinkProgram.Home(connection.network, bridge: bridge.index),
            then: [RouteRequest.join(connection.linkName, bridge: bridge.index)]
                + (connection.network.connectsContainers
                    ? [] : [RouteRequest.isolate(connection.linkName)])
                + [RouteRequest.setUp(connection.linkName)]
        )
    }

    func links(ofContainer id: String, on network: NetworkConfiguration) -> [String] {
        [LinkName.veth(container: id, network: network.id)]
    }
}
