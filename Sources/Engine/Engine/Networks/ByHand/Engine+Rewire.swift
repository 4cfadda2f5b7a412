import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
import Linux
import SystemPackage

extension Engine {
    /// How the records say that a container is connected.
    package func wiring(of id: ContainerID) async throws -> Wiring {
        try await store.read { db in try Self.wiring(of: id, db) }
    }

    static func wiring(of id: ContainerID, _ db: Database) throws -> Wiring {
        Wiring(
            try EndpointRecord.of(id, db).compactMap { endpoint in
                try NetworkRecord.find(endpoint.network, db)
                    .map { Outward.Place(endpoint: endpoint, network: $0) }
            }
        )
    }

    /// Makes what runs be connected as the records say by now, and its ports be published as its spec asks:
    /// new links, then the ways out, the ports and `/etc/hosts`, and then the links that are to go.
    ///
    /// `ports` are what is held for it by then, also after a failure. One writer: nobody else connects the
    /// container meanwhile.
    package func rewire(
        _ running: RunningContainer,
        from former: Wiring,
        to wiring: Wiring,
        ports: inout HeldPorts
    ) async throws {
        guard let netns = try namespace(of: running) else { return }
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
        try await republish(record, &ports, from: former.outward, to: wiring.outward)
        try rewriteHosts(of: record, leaving: gone, joining: new)
        for place in gone where !replaced.contains(place.network.id) {
            try await detach(place, netns)
        }
    }

    /// Whether `rewire` would take ports or let some go.
    package func changesPorts(
        of id: ContainerID,
        _ held: HeldPorts,
        to wiring: Wiring
    ) async throws -> Bool {
        let asked = try await container(id).spec.ports
        return !PortChange(from: held, to: asked, through: wiring.outward).isNone
    }

    private func detach(_ place: Outward.Place, _ netns: SharedFD) async throws {
        try await kernel.detach(
            place.endpoint.endpoint(defaultRoutes: [], administersNetwork: false),
            from: place.network.configuration,
            netns: netns
        )
    }

    /// Leads the ports to the container's addresses of now, takes those that it is to have, and lets those go
    /// that it has no more.
    private func republish(
        _ record: ContainerRecord,
        _ ports: inout HeldPorts,
        from former: Outward,
        to outward: Outward
    ) async throws {
        let asked = try record.spec.ports
        let change = PortChange(from: ports, to: asked, through: outward)
        let hasMoved = former.addresses != outward.addresses
        guard hasMoved || !change.isNone else { return }
        let parting = hasMoved ? ports.sides : change.leaving
        try await kernel.unpublish(
            Self.published(parting.map(\.binding), of: record.id, at: former.addresses),
            through: former.main?.configuration
        )
        // From here on clients of the others are refused.
        ports.sides = change.staying
        var failure: (any Error)?
        var taken: [HeldPorts.Side] = []
        do {
            if !change.wanted.isEmpty {
                taken = try await holdPorts(change.wanted, of: record.name, through: outward).sides
            }
        } catch { failure = error }
        ports.sides += taken
        if !change.isNone { try await write(ports.published, of: record.id) }
        try await kernel.publish(
            Self.published(
                (hasMoved ? ports.sides : taken).map(\.binding),
                of: record.id,
                at: outward.addresses
            ),
            through: outward.main?.configuration
        )
        if let failure { throw failure }
    }

    private func write(_ published: [PortBinding], of id: ContainerID) async throws {
        let text = try ColumnJSON.text(published)
        try await store.write { db in
            try db.run("UPDATE containers SET published = ? WHERE id = ?", [text, id.text])
        }
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
