package import Addresses
package import Linux

/// The network side of one network namespace of the kernel: bridges, links, addresses and one
/// firewall table of ours. It remembers nothing: every verb looks at the kernel and makes it so,
/// and may be called again, by several processes at once, and after anything was removed from outside.
package struct NetworkKernel: Sendable {
    private let netns: SharedFD?
    private let removals = Gathering<[String], Void>()
    private let ensuring = Gathering<Making, Bool>()
    /// Marks what is made as one state folder's: several may share a machine.
    package let stateFolder: String

    /// Works in the given network namespace; nil is the process's own.
    package init(netns: SharedFD? = nil, stateFolder: String = "") {
        self.netns = netns
        self.stateFolder = stateFolder
    }

    /// The same place for another state folder.
    package func marking(stateFolder: String) -> NetworkKernel {
        NetworkKernel(netns: netns, stateFolder: stateFolder)
    }

    // MARK: Networks

    /// Makes or repairs the network: bridge up with its address, forwarding on, firewall complete,
    /// firewalls of others asked to let it through.
    ///
    /// Gives whether the host forwarded nothing before our first network. Whoever makes networks
    /// remembers it and says it the next time: the firewall's own note goes when somebody flushes it.
    @discardableResult
    package func ensure(
        _ network: NetworkConfiguration,
        hostWasNoRouter: Bool? = nil
    ) async throws(NetworkError) -> Bool {
        let making = Making(network: network, hostWasNoRouter: hostWasNoRouter)
        return try await ensuring.run(making) { wanted in
            var outcomes: [Making: Result<Bool, NetworkError>] = [:]
            for making in wanted where outcomes[making] == nil {
                do throws(NetworkError) {
                    outcomes[making] = .success(try await carryOut(making))
                } catch {
                    outcomes[making] = .failure(error)
                }
            }
            return wanted.compactMap { outcomes[$0] }
        }
    }

    /// What containers that start together on one network ask for once.
    private struct Making: Hashable {
        var network: NetworkConfiguration
        var hostWasNoRouter: Bool?
    }

    private func carryOut(_ making: Making) async throws(NetworkError) -> Bool {
        let (network, state) = (making.network, stateFolder)
        return try await here { () throws(NetworkError) in
            // First the walls, then what they protect.
            var firewall = try Firewall()
            try firewall.install(HostTable.table)
            try firewall.put(
                HostTable.elements(of: network, in: state),
                in: HostTable.table,
                action: "set up the firewall for network \(network.name)"
            )
            let wasNoRouter = try Forwarding.turnOn(
                &firewall,
                wasNoRouter: making.hostWasNoRouter
            )
            try Admission.ask(&firewall)
            try Bridge.ensure(network, in: state)
            return wasNoRouter
        }
    }

    /// Removes what `ensure` made; with the last network of anybody's also the firewall table.
    package func remove(
        _ network: NetworkConfiguration,
        hostWasNoRouter: Bool? = nil
    ) async throws(NetworkError) {
        let state = stateFolder
        try await remove(links: [network.bridgeName])
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            try firewall.remove(
                HostTable.elements(of: network, in: state),
                from: HostTable.name,
                action: "remove network \(network.name) from the firewall"
            )
            try Forwarding.leave(&firewall, wasNoRouter: hostWasNoRouter ?? false)
        }
    }

    // MARK: Containers

    /// Brings a new container's network namespace to life: loopback up, Docker's sysctls.
    /// Once per run, before the first `attach`.
    package func prepareNamespace(_ container: SharedFD) async throws(NetworkError) {
        try await inside(container) { () throws(NetworkError) in
            try Sysctl.write("0 2147483647", to: "ipv4/ping_group_range")
            try Sysctl.write("0", to: "ipv4/ip_unprivileged_port_start")
            // Of links that come later; ::1 on the loopback stays.
            try Sysctl.write("1", to: "ipv6/conf/default/disable_ipv6")
            try Sysctl.write("0", to: "ipv6/conf/default/accept_ra")
            var route = try NetlinkSocket(.route)
            try route.perform([RouteRequest.setUp("lo")])
        }
    }

    /// Connects a container's network namespace to a network. What a crash left of an earlier
    /// connection of the same two is replaced.
    package func attach(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        netns container: SharedFD
    ) async throws(NetworkError) {
        let socket = try await inside(container) { () throws(NetworkError) in
            try NetlinkSocket.open(.route)
        }
        let state = stateFolder
        try await here { () throws(NetworkError) in
            var connection = try Connection(endpoint, to: network, in: state, container: socket)
            try connection.make(netns: container)
        }
    }

    /// Makes the host's end of a connection that is there a whole port of its network's bridge again.
    package func reattach(_ connection: ExpectedConnection) async throws(NetworkError) {
        let state = stateFolder
        try await here { () throws(NetworkError) in
            var route = try NetlinkSocket(.route)
            let bridge = try Bridge.find(&route, connection.network, in: state)
            let link = try route.link(connection.linkName)
            try LinkFilter.ensure(
                &route,
                link: link.index,
                for: connection.endpoint,
                then: [
                    RouteRequest.join(connection.linkName, bridge: bridge.index),
                    RouteRequest.setUp(connection.linkName),
                ]
            )
        }
    }

    /// Removes the host's ends of a container's connections, if they are still there.
    package func detach(
        containerID: String,
        networkIDs: [String]
    ) async throws(NetworkError) {
        try await remove(
            links: networkIDs.map { LinkName.veth(container: containerID, network: $0) }
        )
    }

    /// Removing a link waits for every processor to let go of it, removing many waits once.
    private func remove(links names: [String]) async throws(NetworkError) {
        guard !names.isEmpty else { return }
        try await removals.run(names) { lists in
            let outcome: Result<Void, NetworkError>
            do throws(NetworkError) {
                let names = lists.flatMap { $0 }
                outcome = .success(
                    try await here { () throws(NetworkError) in
                        var route = try NetlinkSocket(.route)
                        try route.remove(links: names)
                    }
                )
            } catch {
                outcome = .failure(error)
            }
            return lists.map { _ in outcome }
        }
    }

    // MARK: Ports

    /// Binds a port of the host, so that nobody else gets it, and holds it as long as the
    /// descriptor lives. A nil or zero port asks for a free one. The error names the holder.
    package func holdPort(
        _ address: IPv4Address,
        _ port: UInt16?,
        _ transport: TransportProtocol
    ) async throws(NetworkError) -> (fd: SharedFD, port: UInt16) {
        let held = try await here { () throws(NetworkError) in
            try HeldPort(address, port ?? 0, transport)
        }
        return (held.fd, held.port)
    }

    /// Binds the first port of `ports` that nobody has, and holds it. nil when all are in use.
    /// - Throws: for any other reason.
    package func holdPort(
        _ address: IPv4Address,
        from ports: some Sequence<UInt16> & Sendable,
        _ transport: TransportProtocol
    ) async throws(NetworkError) -> (fd: SharedFD, port: UInt16)? {
        let held = try await here { () throws(NetworkError) -> HeldPort? in
            for port in ports {
                if let held = try HeldPort(unlessInUse: address, port, transport) { return held }
            }
            return nil
        }
        return held.map { ($0.fd, $0.port) }
    }

    /// Leads ports of the host to containers, all or none, in one transaction. A port that leads to
    /// another container is taken over: hold it first (`holdPort`). The host itself reaches them by
    /// 127.0.0.0/8 when the containers' network is named.
    package func publish(
        _ ports: [PublishedPort],
        through network: NetworkConfiguration? = nil
    ) async throws(NetworkError) {
        guard !ports.isEmpty else { return }
        let state = stateFolder
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            try firewall.put(
                ports.map { HostTable.element(of: $0, in: state) },
                in: HostTable.table,
                action: "publish \(ports.map(\.description).joined(separator: ", "))"
            )
            if let network, ports.contains(where: \.isReachedByLoopback) {
                try LoopbackReach.open(network)
            }
            try Conversations.forget(ports)
        }
    }

    /// Keeps the host's loopback from a network that no port needs it for.
    package func settleLoopback(of network: NetworkConfiguration) async throws(NetworkError) {
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            try LoopbackReach.settle(network, &firewall)
        }
    }

    /// Takes these ports back, if they still lead to their container; with the last of anybody's, and
    /// no network, also the firewall table.
    package func unpublish(
        _ ports: [PublishedPort],
        through network: NetworkConfiguration? = nil
    ) async throws(NetworkError) {
        guard !ports.isEmpty else { return }
        let state = stateFolder
        try await here { () throws(NetworkError) in
            var firewall = try Firewall()
            try firewall.remove(
                ports.map { HostTable.element(of: $0, in: state) },
                from: HostTable.name,
                action: "unpublish \(ports.map(\.description).joined(separator: ", "))"
            )
            if let network, ports.contains(where: \.isReachedByLoopback) {
                try LoopbackReach.settle(network, &firewall)
            }
            // The last network may have gone before.
            try Forwarding.leave(&firewall, wasNoRouter: false)
            try Conversations.forget(ports)
        }
    }

    // MARK: Names

    /// Opens the sockets of a container's name server in its network namespace and makes
    /// 127.0.0.11:53 lead to them; the container's own port 53 stays free. Again for a running
    /// container, the new sockets take over. Neither socket blocks; the TCP one listens.
    package func openDNSSockets(
        in container: SharedFD
    ) async throws(NetworkError) -> (udp: SharedFD, tcp: SharedFD) {
        let sockets = try await inside(container) { () throws(NetworkError) in
            try NameServerSockets()
        }
        return (sockets.udp, sockets.tcp)
    }

    // MARK: What is there

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

    /// Subnets that the host already routes or has an address in, other than by bridges of this
    /// state folder.
    package func hostRoutes() async throws(NetworkError) -> [IPv4Subnet] {
        let state = stateFolder
        return try await here { () throws(NetworkError) in
            var route = try NetlinkSocket(.route)
            let links = try route.dump(RouteRequest.listLinks()).compactMap(Link.init)
            let ours = Set(
                links.filter { link in
                    guard let owner = link.owner, link.name.hasPrefix(LinkName.bridgePrefix)
                    else { return false }
                    return owner.stateFolder ?? state == state
                }.map(\.index)
            )
            let routes =
                try route.dump(RouteRequest.listRoutes()).compactMap(HostRoute.init(route:))
                + route.dump(RouteRequest.listAddresses()).compactMap(HostRoute.init(address:))
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

    // MARK: Where

    /// Runs in our namespace, on a thread that may block.
    private func here<R: Sendable>(
        _ body: @escaping @Sendable () throws(NetworkError) -> R
    ) async throws(NetworkError) -> R {
        if let netns { return try await inside(netns, body) }
        return try await blocking(body)
    }

    /// Runs in the given namespace, on a thread of its own.
    private func inside<R: Sendable>(
        _ netns: SharedFD,
        _ body: @escaping @Sendable () throws(NetworkError) -> R
    ) async throws(NetworkError) -> R {
        do {
            return try await NamespaceThread.run(in: netns, body)
        } catch let error as NetworkError {
            throw error
        } catch let error as SyscallError {
            throw NetworkError(action: "enter a network namespace", error)
        } catch {
            throw NetworkError(action: "enter a network namespace", reason: "\(error)")
        }
    }
}
