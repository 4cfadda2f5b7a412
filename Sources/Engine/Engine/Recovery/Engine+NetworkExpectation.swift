import ContainerNetwork
import ContainerRuntime
import GRDB

extension Engine {
    /// What the records say that the kernel's network state has to have: for these containers and
    /// the networks they are on, or (nil) for the whole state folder. Of containers, those count that
    /// are written down as running.
    func networkExpectation(of containers: Set<ContainerID>?) async throws -> NetworkExpectation {
        try await store.read { db in try Self.networkExpectation(of: containers, db) }
    }

    /// The same of containers that are connected so, and which of them are not by the records: nothing is
    /// expected of these.
    func networkExpectation(
        as wirings: [ContainerID: Wiring]
    ) async throws -> (expected: NetworkExpectation, changed: [ContainerID]) {
        try await store.read { db in
            let changed = try wirings.filter { id, wiring in
                !(try Self.wiring(of: id, db).isSame(as: wiring))
            }.keys
            let same = Set(wirings.keys).subtracting(changed)
            return (try Self.networkExpectation(of: same, db), Array(changed))
        }
    }

    private static func networkExpectation(
        of containers: Set<ContainerID>?,
        _ db: Database
    ) throws -> NetworkExpectation {
        var expected = NetworkExpectation()
        expected.before = try Self.formerForwarding(db)
        let networks = Dictionary(
            uniqueKeysWithValues: try db.rows("SELECT * FROM networks")
                .map(NetworkRecord.init(row:)).map { ($0.id, $0) }
        )
        let endpoints = Dictionary(
            grouping: try db.rows("\(EndpointRecord.query) ORDER BY position")
                .map(EndpointRecord.init(row:)),
            by: \.container
        )
        var used: Set<NetworkID> = []
        let rows = try db.rows(
            """
            SELECT id, published, EXISTS (
                SELECT 1 FROM json_each(specJSON, '$.security.capabilities')
                WHERE value = 'CAP_NET_ADMIN'
            ) AS administersNetwork
            FROM containers WHERE status = 'running'
            """
        )
        for row in rows {
            let id = try row.value("id") { ContainerID($0) }
            guard containers?.contains(id) ?? true, let own = endpoints[id] else { continue }
            used.formUnion(own.map(\.network))
            expected.add(
                own.compactMap { endpoint in networks[endpoint.network].map { (endpoint, $0) }
                },
                of: id,
                administersNetwork: row["administersNetwork"],
                published: try row.json("published")
            )
        }
        expected.networks = networks.values
            .filter { containers == nil || used.contains($0.id) }
            .map(\.configuration).sorted { $0.id < $1.id }
        let placed = Set(endpoints.values.joined().map(\.network))
        expected.idle = Set(networks.keys.filter { !used.contains($0) }.map(\.text))
        expected.unused = Set(networks.keys.filter { !placed.contains($0) }.map(\.text))
        return expected
    }
}

extension NetworkExpectation {
    fileprivate mutating func add(
        _ places: [(endpoint: EndpointRecord, network: NetworkRecord)],
        of id: ContainerID,
        administersNetwork: Bool,
        published: [PortBinding]
    ) {
        let outward = Outward(
            places.map { Outward.Place(endpoint: $0.endpoint, network: $0.network) }
        )
        connections += places.map { place in
            ExpectedConnection(
                place.endpoint.endpoint(
                    defaultRoutes: outward.families(of: place.network.id),
                    administersNetwork: administersNetwork
                ),
                to: place.network.configuration
            )
        }
        ports += Engine.published(published, of: id, at: outward.addresses)
    }
}
