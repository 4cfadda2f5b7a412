package import Addresses
import Linux

/// What is there, and what others have done to it.
extension NetworkKernel {
    /// Looks once at everything of ours, and compares it with what the records say. Changes nothing.
    package func survey(
        against expected: NetworkExpectation
    ) async throws(NetworkError) -> NetworkSurvey {
        let state = stateFolder
        return try await here { () throws(NetworkError) in
            let snapshot = try NetworkSnapshot.take(for: expected)
            return NetworkSurvey(
                objects: Inventory.list(in: snapshot),
                faults: NetworkComparison.faults(of: snapshot, against: expected, in: state)
            )
        }
    }

    /// Compares the kernel with what the records say. Changes nothing.
    package func faults(
        against expected: NetworkExpectation
    ) async throws(NetworkError) -> [NetworkFault] {
        // Where nothing is expected nothing can be missing, and the kernel need not be asked.
        guard !expected.networks.isEmpty else { return [] }
        return try await survey(against: expected).faults
    }

    /// Every link and firewall element of berth's, whichever state folder's, for
    /// `berth system check`.
    package func inventory() async throws(NetworkError) -> [NetworkObject] {
        try await survey(against: NetworkExpectation()).objects
    }

    /// Removes one of those, whatever its owner; with the last one also the firewall table.
    package func remove(_ object: NetworkObject) async throws(NetworkError) {
        try await here { () throws(NetworkError) in try Inventory.remove(object) }
    }

    /// Subnets of these families that the host already routes or has an address in, other than by bridges
    /// of this state folder.
    package func hostRoutes(
        _ families: Set<IPFamily> = [.v4]
    ) async throws(NetworkError) -> [IPSubnet] {
        let state = stateFolder
        return try await here { () throws(NetworkError) in
            var route = try NetlinkSocket(.route)
            let links = try route.dump(RouteRequest.listLinks()).compactMap(Link.init)
            let ours = Set(
                links.filter { link in
                    guard let owner = link.owner, link.kind == "bridge" else { return false }
                    return owner.stateFolder ?? state == state
                }.map(\.index)
            )
            var routes: [HostRoute] = []
            for family in families {
                routes +=
                    try route.dump(RouteRequest.listRoutes(family))
                    .compactMap(HostRoute.init(route:))
                    + route.dump(RouteRequest.listAddresses(family))
                    .compactMap(HostRoute.init(address:))
            }
            return routes.filter { $0.link.map { !ours.contains($0) } ?? true }.map(\.subnet)
        }
    }

    /// Firewall chains of others that drop forwarded packets they do not know and have no rule of
    /// ours: there our containers reach neither each other nor the outside, and published ports are
    /// not reached, whatever our own rules say.
    package func forwardingObstacles() async throws(NetworkError) -> [ForwardingObstacle] {
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            return try Admission.obstacles(&firewall)
        }
    }

    /// Asks the firewalls of others to let our packets through, where they can be asked.
    package func admit() async throws(NetworkError) {
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            try Admission.ask(&firewall)
        }
    }

    /// Whether the kernel has packet filters of links. Without them, containers on one network can send
    /// with each other's addresses, and only the firewall keeps them from the host's loopback.
    package static func hasLinkFilters() async throws -> Bool {
        let place = NetworkKernel(netns: try await NamespaceThread.make())
        return try await place.here { () throws(NetworkError) in try LinkFilter.isSupported() }
    }

    /// Opens what tells of changes of the network state.
    package func watch() async throws(NetworkError) -> NetworkWatch {
        try await here { () throws(NetworkError) in try NetworkWatch() }
    }
}
