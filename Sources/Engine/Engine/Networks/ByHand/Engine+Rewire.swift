import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
package import Linux
import SystemPackage

extension Engine {
    /// How the records say that a container is connected.
    package func wiring(of id: ContainerID) async throws -> Wiring {
        try await store.read { db in
            Wiring(
                try EndpointRecord.of(id, db).compactMap { endpoint in
                    try NetworkRecord.find(endpoint.network, db)
                        .map { Outward.Place(endpoint: endpoint, network: $0) }
                }
            )
        }
    }

    /// Makes what runs be connected as the records say by now: new links, then the ways out, the ports
    /// and `/etc/hosts`, and then the links that are to go.
    /// - Returns: What holds ports which had no way in before; as long as it runs they are kept. nil where
    ///   no port was taken.
    package func rewire(
        _ running: RunningContainer,
        from former: Wiring,
        to wiring: Wiring
    ) async throws -> (sockets: [SharedFD], relayed: [RelayedPort])? {
        guard let netns = try namespace(of: running) else { return nil }
        let record = try await container(running.id)
        let administers = try record.spec.security.administersNetwork
        let (gone, new) = (former.places(missingIn: wiring), wiring.places(missingIn: former))
        // One that was given again has the same link.
        let replaced = Set(new.map(\.network.id))
        for place in gone where replaced.contains(place.network.id) {
            try await detach(place, netns)
        }
        for place in new {
            let configuration = place.network.configuration
            try await ensure(configuration)
            let endpoint = place.endpoint.endpoint(
                defaultRoutes: [],
                administersNetwork: administers
            )
            try await kernel.attach(endpoint, to: configuration, netns: netns)
        }
        for family in IPFamily.allCases {
            let gateway = wiring.outward.gateway(family)
            // Where the former one went with its link, so did the route.
            guard gateway != former.outward.gateway(family) || !gone.isEmpty else { continue }
            try await kernel.setDefaultRoute(family, via: gateway, netns: netns)
        }
        let held = try await republish(record, from: former.outward, to: wiring.outward)
        try rewriteHosts(of: record, leaving: gone, joining: new)
        for place in gone where !replaced.contains(place.network.id) {
            try await detach(place, netns)
        }
        return held.map { ($0.sockets, $0.relayed) }
    }

    private func detach(_ place: Outward.Place, _ netns: SharedFD) async throws {
        try await kernel.detach(
            place.endpoint.endpoint(defaultRoutes: [], administersNetwork: false),
            from: place.network.configuration,
            netns: netns
        )
    }

    /// Leads the ports to the container's addresses of now. Ports that nothing led to before are taken.
    private func republish(
        _ record: ContainerRecord,
        from former: Outward,
        to outward: Outward
    ) async throws -> HeldPorts? {
        let spec = try record.spec
        guard !spec.ports.isEmpty, former.addresses != outward.addresses else { return nil }
        let old = Self.published(record.published, of: record.id, at: former.addresses)
        try await kernel.unpublish(old, through: former.main?.configuration)
        var published = record.published
        var taken: HeldPorts?
        if published.isEmpty {
            let held = try await holdPorts(spec.ports, of: record.name, through: outward)
            (published, taken) = (held.published, held)
            let text = try ColumnJSON.text(published)
            try await store.write { db in
                try db.run(
                    "UPDATE containers SET published = ? WHERE id = ?",
                    [text, record.id.text]
                )
            }
        }
        try await kernel.publish(
            Self.published(published, of: record.id, at: outward.addresses),
            through: outward.main?.configuration
        )
        return taken
    }

    /// In place, since the container has the file and not its name, and keeping what else is in it.
    private func rewriteHosts(
        of record: ContainerRecord,
        leaving: [Outward.Place],
        joining: [Outward.Place]
    ) throws {
        let path = layout.container(record.id.text).appending("hosts")
        let former = HostFiles.contents(path)
        let spec = try record.spec
        let text = HostFiles.hosts(
            former,
            without: leaving.flatMap(\.endpoint.addresses),
            with: joining.flatMap(\.endpoint.addresses),
            names: HostFiles.names(spec, hostname: spec.hostname ?? record.id.short)
        )
        guard text != former else { return }
        let file = try FileDescriptor.open(path, .writeOnly, options: [.truncate, .closeOnExec])
        try file.closeAfter { _ = try file.writeAll(Array(text.utf8)) }
    }
}

extension Outward {
    fileprivate func gateway(_ family: IPFamily) -> IPAddress? {
        self[family]?.network.configuration.gateways.first(of: family)
    }
}
