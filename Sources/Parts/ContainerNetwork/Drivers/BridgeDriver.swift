import Addresses

/// Docker's kind of network: a bridge with the host on it, and a veth pair for each container.
struct BridgeDriver: NetworkDriver {
    func validate(_ network: NetworkConfiguration) throws(NetworkError) {
        guard network.subnet.contains(network.gateway) else {
            throw NetworkError(
                action: "make network \(network.name)",
                reason: "its gateway \(network.gateway) is not in its subnet \(network.subnet)"
            )
        }
    }

    func ensure(
        _ network: NetworkConfiguration,
        in state: String,
        hostWasNoRouter: Bool?
    ) throws(NetworkError) -> Bool {
        try Bridge.checkName(of: network)
        // First the walls, then what they protect.
        var firewall = try Firewall()
        try firewall.install(HostTable.table)
        try firewall.put(
            HostTable.elements(of: network, in: state),
            in: HostTable.table,
            action: "set up the firewall for network \(network.name)"
        )
        let wasNoRouter = try Forwarding.turnOn(&firewall, wasNoRouter: hostWasNoRouter)
        try Admission.ask(&firewall)
        try Bridge.ensure(network, in: state)
        return wasNoRouter
    }

    func links(of network: NetworkConfiguration) -> [String] { [network.bridgeName] }

    func remove(
        _ network: NetworkConfiguration,
        in state: String,
        hostWasNoRouter: Bool?
    ) throws(NetworkError) {
        var firewall = try Firewall()
        try firewall.replaceEarlier(HostTable.table)
        try firewall.remove(
            HostTable.elements(of: network, in: state),
            from: HostTable.name,
            action: "remove network \(network.name) from the firewall"
        )
        try Forwarding.leave(&firewall, wasNoRouter: hostWasNoRouter ?? false)
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
