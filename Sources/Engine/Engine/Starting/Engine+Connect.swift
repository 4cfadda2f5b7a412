import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
import Glibc
package import Linux
import Logging
import SystemPackage

extension Engine {
    /// Connects a created container: loopback, one link per network, then its ports. Undone as a
    /// whole when part of it fails.
    package func attachNetworks(
        _ created: CreatedContainer,
        _ prepared: PreparedStart
    ) async throws {
        guard let netns = created.netns else { return }
        do {
            try await kernel.prepareNamespace(netns)
            // One after the other: the order of the links is the order of `eth0`, `eth1`, ….
            let outward = prepared.outward
            for connection in prepared.connections {
                let endpoint = connection.endpoint.endpoint(
                    defaultRoutes: outward.families(of: connection.network.id),
                    administersNetwork: prepared.spec.security.administersNetwork
                )
                try await kernel.attach(
                    endpoint,
                    to: connection.network.configuration,
                    netns: netns
                )
            }
            try await kernel.publish(
                Self.published(
                    prepared.published,
                    of: created.id,
                    at: outward.addresses
                ),
                through: outward.main?.configuration
            )
        } catch {
            do {
                try await remove(
                    release(
                        created.id,
                        networks: prepared.connections.map(\.network),
                        ports: prepared.published,
                        through: prepared.outward
                    )
                )
            } catch let second {
                // The first failure is the one to report; this one leaves what recovery removes.
                logger.warning(
                    "network not released",
                    metadata: ["container": "\(created.name)", "error": "\(second)"]
                )
            }
            throw error
        }
    }

    /// Opens the sockets of a container's name server, in its network namespace; nil without one.
    package func openDNSSockets(
        of created: CreatedContainer
    ) async throws -> (udp: SharedFD, tcp: SharedFD)? {
        guard let netns = created.netns else { return nil }
        return try await kernel.openDNSSockets(in: netns)
    }

    /// As `openDNSSockets(of:)`, for a container that was adopted; nil when it has just ended.
    package func openDNSSockets(
        of running: RunningContainer
    ) async throws -> (udp: SharedFD, tcp: SharedFD)? {
        guard let netns = try namespace(of: running) else { return nil }
        return try await kernel.openDNSSockets(in: netns)
    }

    /// The network namespace of a container that runs; nil when it has just ended.
    func namespace(of running: RunningContainer) throws -> SharedFD? {
        let path = FilePath("/proc/\(running.initPID)/ns/net")
        guard Layout.exists(path) else { return nil }
        let netns = SharedFD(try openFile(path, O_RDONLY))
        // First the namespace, then the check: the number may have been given to somebody else.
        let current = try runtime.adopt(running.id, name: running.name, in: running.directory)
        return current?.initPID == running.initPID ? netns : nil
    }

    /// Takes a container off its networks and its ports off the host, as far as they are there.
    /// Its addresses stay its own until it is removed.
    package func releaseNetworks(_ id: ContainerID) async throws {
        try await remove(cutNetworks(of: id))
    }

    /// As `releaseNetworks`, but for the container's links, over which nothing passes any more: whoever
    /// has the time removes them.
    package func cutNetworks(of id: ContainerID) async throws -> KernelRemains {
        let (record, endpoints, networks) = try await store.read { db in
            let endpoints = try EndpointRecord.of(id, db)
            return (
                try ContainerRecord.find(id, db), endpoints,
                try endpoints.compactMap { try NetworkRecord.find($0.network, db) }
            )
        }
        let places = endpoints.compactMap { endpoint in
            networks.first { $0.id == endpoint.network }
                .map { Outward.Place(endpoint: endpoint, network: $0) }
        }
        let remains = try await release(
            id,
            networks: networks,
            ports: record?.published ?? [],
            through: Outward(places)
        )
        guard record?.published.isEmpty == false else { return remains }
        try await store.writeEnd { db in
            try db.run("UPDATE containers SET published = '[]' WHERE id = ?", [id.text])
        }
        return remains
    }

    /// As `releaseNetworks(_:)`, for a start that failed after it was connected: the ports are not
    /// in its record yet.
    package func releaseNetworks(of prepared: PreparedStart) async throws {
        let remains = try await release(
            prepared.container.id,
            networks: prepared.connections.map(\.network),
            ports: prepared.published,
            through: prepared.outward
        )
        try await remove(remains)
    }

    private func release(
        _ id: ContainerID,
        networks: [NetworkRecord],
        ports: [PortBinding],
        through outward: Outward
    ) async throws -> KernelRemains {
        let published = Self.published(ports, of: id, at: outward.addresses)
        if !published.isEmpty {
            try await kernel.unpublish(published, through: outward.main?.configuration)
        }
        return KernelRemains(
            links: try await kernel.cut(
                containerID: id.text,
                from: networks.map(\.configuration)
            )
        )
    }

    /// Bindings in the network's words; none without an address that is reached from outside.
    static func published(
        _ ports: [PortBinding],
        of id: ContainerID,
        at addresses: [IPAddress]
    ) -> [PublishedPort] {
        ports.compactMap { port in
            guard let host = IPAddress(port.hostAddress), let number = port.hostPort,
                let address = addresses.first(of: host.family)
            else { return nil }
            return PublishedPort(
                containerID: id.text,
                hostAddress: host,
                hostPort: number,
                transport: TransportProtocol(port.transport),
                containerAddress: address,
                containerPort: port.containerPort
            )
        }
    }

    /// Takes apart what a container that does not run has outside the database, besides its
    /// network, which goes before its addresses do. Repeatable.
    func dismantle(_ id: ContainerID) throws {
        let folder = layout.container(id.text)
        try runtime.end(id, in: folder)
        try runtime.cleanUp(id, in: folder)
        try removeSecrets(of: id.text)
        try discard(folder)
    }
}
