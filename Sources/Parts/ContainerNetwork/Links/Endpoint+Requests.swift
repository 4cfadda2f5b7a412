import Addresses

/// What a container's end of a connection has, whatever kind of link it is.
extension Endpoint {
    /// Gives its link the addresses of one family.
    func addressRequests(
        _ family: IPFamily,
        on network: NetworkConfiguration,
        link: Int32,
        action: String
    ) throws(NetworkError) -> [NetlinkRequest] {
        var requests: [NetlinkRequest] = []
        for address in addresses where address.family == family {
            requests.append(
                try RouteRequest.add(address, of: network, link: link, action: action)
            )
        }
        let linkLocal = linkLocalAddresses.filter { $0.family == family }
        if family == .v6, network.ipv6 == nil, let address = linkLocal.first {
            throw NetworkError(
                action: action,
                reason: "the network has no IPv6, and the container shall have \(address)"
            )
        }
        return requests
            + linkLocal.map { address in
                switch address {
                case .v4(let own):
                    let subnet = IPv4Subnet(around: own, prefixLength: 16)
                    return RouteRequest.add(own, in: subnet, link: link, action: action)
                case .v6(let own):
                    let subnet = IPv6Subnet(around: own, prefixLength: 64)
                    return RouteRequest.add(own, in: subnet, link: link, action: action)
                }
            }
    }

    /// Its default routes by the network's gateways.
    func routeRequests(on network: NetworkConfiguration, action: String) -> [NetlinkRequest] {
        network.gateways.filter {
            defaultRoutes.contains($0.family) && addresses.first(of: $0.family) != nil
        }
        .map { RouteRequest.addDefaultRoute(via: $0, action: action) }
    }
}
