import GRDB

/// By which names a running container is found on a network while one is replaced by another
/// (docs/decisions/055): at every moment by those of a service at least one of the two that can answer.
///
/// An endpoint's details may have a member `yieldsTo`, the identifier of the container that names lead to
/// instead, as long as that runs.
enum NameStanding {
    /// By its own and its service's, and by the names of others that it stands for.
    case found(alsoAs: [String])
    /// It is to replace another one and is not ready: by its own only.
    case tried
    /// Its successor has its names: by its identifier only.
    case yielded

    /// `row` has the columns `id`, `health` and `yieldsTo`.
    init(of row: Row, named name: String, on network: NetworkRecord, _ db: Database) throws {
        if let next: String = row["yieldsTo"], try Self.runs(next, db) {
            self = .yielded
            return
        }
        guard let (oldID, oldName) = ContainerRecord.predecessor(in: name),
            let old = try Self.old(oldName, on: network, db),
            (old["id"] as String).hasPrefix(oldID)
        else {
            self = .found(alsoAs: [])
            return
        }
        let health: String? = row["health"]
        let isHealthy = health == ContainerRecord.Health.healthy.rawValue
        let isOldRunning = old["status"] as String == ContainerRecord.Status.running.rawValue
        if old["yieldsTo"] as String? == row["id"] as String {
            self = .found(alsoAs: [oldName])
        } else if isOldRunning {
            // Whether one without a health check can answer, nobody knows but who tries it.
            self = isHealthy ? .found(alsoAs: []) : .tried
        } else {
            self = isHealthy || health == nil ? .found(alsoAs: [oldName]) : .tried
        }
    }

    private static func runs(_ id: String, _ db: Database) throws -> Bool {
        try db.row("SELECT 1 FROM containers WHERE id = ? AND status = 'running'", [id]) != nil
    }

    private static func old(_ name: String, on network: NetworkRecord, _ db: Database) throws
        -> Row?
    {
        try db.row(
            """
            SELECT containers.id, containers.status,
                json_extract(endpoints.details, '$.yieldsTo') AS yieldsTo
            FROM containers LEFT JOIN endpoints
                ON endpoints.container = containers.id AND endpoints.network = ?
            WHERE containers.name = ?
            """,
            [network.id.text, name]
        )
    }
}
