package import Addresses
package import Linux

/// Ports of the host, and where they lead.
extension NetworkKernel {
    /// Binds a port of the host, so that nobody else gets it, and holds it as long as the
    /// descriptor lives. A nil or zero port asks for a free one. The error names the holder. What comes
    /// to it is led elsewhere by the kernel, or with `isServed` taken by the caller.
    package func holdPort(
        _ address: IPAddress,
        _ port: UInt16?,
        _ transport: TransportProtocol,
        isServed: Bool = false
    ) async throws(NetworkError) -> (fd: SharedFD, port: UInt16) {
        let held = try await here { () throws(NetworkError) in
            try HeldPort(address, port ?? 0, transport, isServed: isServed)
        }
        return (held.fd, held.port)
    }

    /// Binds the first port of `ports` that nobody has, and holds it. nil when all are in use.
    /// - Throws: for any other reason.
    package func holdPort(
        _ address: IPAddress,
        from ports: some Sequence<UInt16> & Sendable,
        _ transport: TransportProtocol,
        isServed: Bool = false
    ) async throws(NetworkError) -> (fd: SharedFD, port: UInt16)? {
        let held = try await here { () throws(NetworkError) -> HeldPort? in
            for port in ports {
                let held = try HeldPort(unlessInUse: address, port, transport, isServed: isServed)
                if let held { return held }
            }
            return nil
        }
        return held.map { ($0.fd, $0.port) }
    }

    /// The process that has a port of the host, as far as it can be found: `nginx (pid 12)`. Looks through
    /// the descriptors of all processes.
    package func processHolding(
        _ address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol
    ) async throws(NetworkError) -> String? {
        try await here { () throws(NetworkError) in
            PortHolder.process(listeningAt: address, port, transport)?.description
        }
    }

    /// Whether the host itself can be asked by IPv6: it has ::1.
    package func servesIPv6() async throws(NetworkError) -> Bool {
        try await here { () throws(NetworkError) in
            do throws(NetworkError) {
                _ = try HeldPort(.v6(IPv6Address(1)), 0, .tcp)
                return true
            } catch {
                return false
            }
        }
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
            try Conntrack.forget(ports)
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
            try firewall.replaceEarlier(HostTable.table)
            try firewall.remove(
                ports.map { HostTable.element(of: $0, in: state) },
                from: HostTable.name,
                action: "unpublish \(ports.map(\.description).joined(separator: ", "))"
            )
            if let network, ports.contains(where: \.isReachedByLoopback) {
                try LoopbackReach.settle(network, &firewall)
            }
            // The last network may have gone before.
            try Forwarding.leave(&firewall, before: FormerForwarding())
            try Conntrack.forget(ports)
        }
    }
}
