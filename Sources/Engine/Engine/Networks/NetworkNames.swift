package import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB

/// What a container can resolve on one of its networks: the running containers there. On docker's
/// default network, `NetworkRecord.nameOfDefault`, only those that it is linked to.
package struct NetworkNames: Hashable, Sendable {
    package var network: NetworkRecord
    /// Lower-case names without a dot at the end: container names, service names, aliases, host
    /// names, short identifiers. A service's replicas share its name.
    package var addresses: [String: [IPAddress]]
    /// The container name of each address, for PTR.
    package var names: [IPAddress: String]
}

extension Engine {
    /// The names a container can resolve, network by network in the order of its interfaces; empty
    /// without networks of ours. A name outside of them goes to the host's servers, unless every
    /// network is internal.
    package func names(visibleTo id: ContainerID) async throws -> [NetworkNames] {
        try await store.read { db in
            let asking = try Asking(id, db)
            return try EndpointRecord.of(id, db).compactMap { endpoint in
                guard let network = try NetworkRecord.find(endpoint.network, db) else {
                    return nil
                }
                return try NetworkNames(of: network, asking: asking.on(endpoint), db)
            }
        }
    }

    /// A number that changes whenever another process has written something down: a quick way to know that
    /// what was read is still so. (SQLite, PRAGMA data_version)
    package func stateOfOthers() async throws -> Int {
        try await store.read { db in
            try Int.fetchOne(db, sql: "PRAGMA data_version") ?? 0
        }
    }
}

extension NetworkNames {
    fileprivate init(of network: NetworkRecord, asking: Asking, _ db: Database) throws {
        self.init(network: network, addresses: [:], names: [:])
        // The one who asks may not be written down as running yet.
        let rows = try db.rows(
            """
            SELECT containers.id, containers.name, containers.service, containers.isOneOff,
                containers.project, containers.number, containers.health,
                endpoints.address, endpoints.furtherAddresses, endpoints.aliases,
                json_extract(endpoints.details, '$.yieldsTo') AS yieldsTo,
                json_extract(containers.specJSON, '$.hostname') AS hostname
            FROM endpoints JOIN containers ON containers.id = endpoints.container
            WHERE endpoints.network = ? AND (containers.status = 'running' OR containers.id = ?)
            ORDER BY containers.service, containers.number, containers.name
            """,
            [network.id.text, asking.id.text]
        )
        for row in rows {
            let own = try EndpointRecord.addresses(row)
            let id = try row.value("id") { ContainerID($0) }
            let name: String = row["name"]
            let isOneOff: Bool = row["isOneOff"]
            var all: [String] = []
            switch try NameStanding(of: row, named: name, on: network, db) {
            case .yielded where network.isDefault, .tried where network.isDefault: break
            case .yielded: all = [id.short]
            case .tried: all = [name, id.short]
            case .found(let others):
                let known = [name] + others
                all = known.flatMap { asking.aliases(of: row, named: $0, isOneOff: isOneOff) }
                // Docker's names of a linked one.
                if !network.isDefault || !all.isEmpty { all += known + [id.short] }
                guard !network.isDefault else { break }
                all += try row.json("aliases", as: [String].self)
                if let hostname: String = row["hostname"] { all.append(hostname) }
                if let service: String = row["service"], !isOneOff { all.append(service) }
            }
            for name in Set(all.map { $0.lowercased() }) {
                addresses[name, default: []] += own
            }
            for address in own { names[address] = name }
        }
    }
}

/// Who asks for names, and the names that only it has for others.
private struct Asking {
    let id: ContainerID
    private var project: String?
    private var links: [ContainerLink] = []

    init(_ id: ContainerID, _ db: Database) throws {
        self.id = id
        let row = try db.row(
            """
            SELECT project, coalesce(json_extract(specJSON, '$.links'), '[]') AS links
            FROM containers WHERE id = ?
            """,
            [id.text]
        )
        guard let row else { return }
        project = row["project"]
        links = try row.json("links")
    }

    /// With the names that it has on one network alone.
    func on(_ endpoint: EndpointRecord) -> Asking {
        var asking = self
        asking.links += endpoint.details.links ?? []
        return asking
    }

    /// Docker's names of a link: the alias, and that of a service with the number of its container.
    func aliases(of row: Row, named name: String, isOneOff: Bool) -> [String] {
        links.flatMap { link -> [String] in
            switch link.target {
            case .container(let target): return target == name ? [link.alias] : []
            case .service(let target):
                guard !isOneOff, row["service"] == target, row["project"] == project else {
                    return []
                }
                let number: Int? = row["number"]
                return [link.alias] + (number.map { ["\(target)-\($0)"] } ?? [])
            }
        }
    }
}
