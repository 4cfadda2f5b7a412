package import Addresses
package import Linux

/// The network side of one network namespace of the kernel: bridges, links, addresses and one
/// firewall table of ours. It remembers nothing: every verb looks at the kernel and makes it so,
/// and may be called again, by several processes at once, and after anything was removed from outside.
package struct NetworkKernel: Sendable {
    private let netns: SharedFD?
    private let removals = Gathering<[Int32], Void>()
    private let ensuring = Gathering<Making, FormerForwarding>()
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

    /// Makes or repairs the network by its driver: of a bridge, that it is up with its address,
    /// forwarding on, firewall complete, firewalls of others asked to let it through.
    ///
    /// Gives whether the host forwarded nothing before our first network. Whoever makes networks
    /// remembers it and says it the next time.
    @discardableResult
    package func ensure(
        _ network: NetworkConfiguration,
        before: FormerForwarding = FormerForwarding()
    ) async throws(NetworkError) -> FormerForwarding {
        let making = Making(network: network, before: before)
        return try await ensuring.run(making) { wanted in
            var outcomes: [Making: Result<FormerForwarding, NetworkError>] = [:]
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
        var before: FormerForwarding
    }

    private func carryOut(_ making: Making) async throws(NetworkError) -> FormerForwarding {
        let (network, state) = (making.network, stateFolder)
        let driver = network.driver.driver
        try driver.validate(network)
        return try await here { () throws(NetworkError) in
            try driver.ensure(network, in: state, before: making.before)
        }
    }

    /// Refuses a network that its driver could not make. Asks nobody.
    package static func validate(_ network: NetworkConfiguration) throws(NetworkError) {
        try network.driver.driver.validate(network)
    }

    /// Removes what `ensure` made; with the last network of anybody's also the firewall table.
    package func remove(
        _ network: NetworkConfiguration,
        before: FormerForwarding = FormerForwarding()
    ) async throws(NetworkError) {
        try await remove(cut(network, before: before))
    }

    /// As `remove`, but for the links, which take the kernel a while: they are down, and whoever has
    /// the time removes them. Nobody else has to wait for it.
    package func cut(
        _ network: NetworkConfiguration,
        before: FormerForwarding = FormerForwarding()
    ) async throws(NetworkError) -> CutLinks {
        let (driver, state) = (network.driver.driver, stateFolder)
        return try await here { () throws(NetworkError) in
            let names = driver.links(of: network)
            var links = CutLinks()
            if !names.isEmpty {
                var route = try NetlinkSocket(.route)
                links = try route.cut(links: names)
            }
            try driver.remove(network, in: state, before: before)
            return links
        }
    }

    // MARK: Containers

    /// Brings a new container's network namespace to life: loopback up, no IPv6 on the links to come.
    /// Once per run, before the first `attach`.
    package func prepareNamespace(_ container: SharedFD) async throws(NetworkError) {
        try await inside(container) { () throws(NetworkError) in
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
        let hasIPv6 = endpoint.addresses.ipv6 != nil
        let socket = try await inside(container) { () throws(NetworkError) in
            if hasIPv6 { try ContainerEnd.allowIPv6(true) }
            return try NetlinkSocket.open(.route)
        }
        let state = stateFolder
        try await here { () throws(NetworkError) in
            try network.driver.driver.attach(
                endpoint,
                to: network,
                in: state,
                container: ContainerEnd(netns: container, route: socket)
            )
        }
        guard hasIPv6 || !endpoint.linkParameters.isEmpty else { return }
        try await inside(container) { () throws(NetworkError) in
            if hasIPv6 { try ContainerEnd.allowIPv6(false) }
            for (name, value) in endpoint.linkParameters.sorted(by: { $0.key < $1.key }) {
                try Sysctl.set(name, of: endpoint.interfaceName, to: value)
            }
        }
    }

    /// Where packets of a family leave a container that is connected already; nil is nowhere.
    package func setDefaultRoute(
        _ family: IPFamily,
        via gateway: IPAddress?,
        netns container: SharedFD
    ) async throws(NetworkError) {
        try await inside(container) { () throws(NetworkError) in
            let action = "change a container's way out"
            var route = try NetlinkSocket(.route)
            let request =
                gateway.map { RouteRequest.replaceDefaultRoute(via: $0, action: action) }
                ?? RouteRequest.removeDefaultRoute(family, action: action)
            try route.perform([request])
        }
    }

    /// Makes the host's part of a connection that is there whole again.
    package func reattach(_ connection: ExpectedConnection) async throws(NetworkError) {
        let state = stateFolder
        try await here { () throws(NetworkError) in
            try connection.network.driver.driver.reattach(connection, in: state)
        }
    }

    /// Takes a container that goes on running off a network.
    package func detach(
        _ endpoint: Endpoint,
        from network: NetworkConfiguration,
        netns container: SharedFD
    ) async throws(NetworkError) {
        guard network.driver.driver.isInsideContainers else {
            return try await detach(containerID: endpoint.containerID, from: [network])
        }
        try await inside(container) { () throws(NetworkError) in
            var route = try NetlinkSocket(.route)
            try route.perform([RouteRequest.delete(link: endpoint.interfaceName)])
        }
    }

    /// Removes the host's ends of a container's connections, if they are still there.
    package func detach(
        containerID: String,
        from networks: [NetworkConfiguration]
    ) async throws(NetworkError) {
        try await remove(cut(containerID: containerID, from: networks))
    }

    /// Takes the host's ends of a container's connections down. Links of a container that has ended go
    /// with its network namespace, or when whoever has the time removes them.
    package func cut(
        containerID: String,
        from networks: [NetworkConfiguration]
    ) async throws(NetworkError) -> CutLinks {
        let names = networks.flatMap { $0.driver.driver.links(ofContainer: containerID, on: $0) }
        guard !names.isEmpty else { return CutLinks() }
        return try await here { () throws(NetworkError) in
            var route = try NetlinkSocket(.route)
            return try route.cut(links: names)
        }
    }

    /// Removes links as far as they are still there. Removing a link waits for every processor to let
    /// go of it, removing many waits once.
    package func remove(_ links: CutLinks) async throws(NetworkError) {
        guard !links.isEmpty else { return }
        try await removals.run(links.indices) { lists in
            let outcome: Result<Void, NetworkError>
            do throws(NetworkError) {
                let indices = lists.flatMap { $0 }
                outcome = .success(
                    try await here { () throws(NetworkError) in
                        var route = try NetlinkSocket(.route)
                        try route.remove(indices)
                    }
                )
            } catch {
                outcome = .failure(error)
            }
            return lists.map { _ in outcome }
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

    // MARK: Where

    /// Runs in our namespace, on a thread that may block.
    func here<R: Sendable>(
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
