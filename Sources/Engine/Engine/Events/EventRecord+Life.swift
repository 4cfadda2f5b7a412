import ContainerRuntime
import GRDB

/// The events of a run, in docker's order: volumes, networks, the start; and at its end the networks,
/// the volumes, a stop that was asked for, the end.
extension EventRecord {
    static func noteStart(of container: ContainerRecord, _ db: Database) throws {
        try noteVolumes("mount", of: container, db)
        try noteNetworks("connect", of: container, db)
        try note("start", container, db)
    }

    /// A start that failed: what was mounted and connected for it is so no more.
    static func noteFailedStart(of container: ContainerRecord, _ db: Database) throws {
        try noteVolumes("mount", of: container, db)
        try noteNetworks("connect", of: container, db)
        try noteNetworks("disconnect", of: container, db)
        try noteVolumes("unmount", of: container, db)
    }

    /// `container` says how it ended.
    static func noteEnd(
        of container: ContainerRecord,
        wasStopped: Bool = false,
        restarting isRestarting: Bool = false,
        _ db: Database
    ) throws {
        if container.oomKilled { try note("oom", container, db) }
        try noteNetworks("disconnect", of: container, db)
        try noteVolumes("unmount", of: container, db)
        if wasStopped { try note("stop", container, db) }
        var attributes = ["exitCode": container.exitCode.map { "\($0)" } ?? ""]
        if isRestarting { attributes[restarting] = "true" }
        if let started = container.startedAt, let finished = container.finishedAt {
            let nanoseconds = max(finished.nanoseconds - started.nanoseconds, 0)
            attributes["execDuration"] = "\(nanoseconds / 1_000_000_000)"
        }
        try note("die", container, attributes: attributes, db)
    }

    private static func noteNetworks(
        _ action: String,
        of container: ContainerRecord,
        _ db: Database
    ) throws {
        let rows = try db.rows(
            """
            SELECT networks.id, networks.name, networks.driver, networks.project
            FROM endpoints JOIN networks ON networks.id = endpoints.network
            WHERE endpoints.container = ? ORDER BY endpoints.position
            """,
            [container.id.text]
        )
        for row in rows {
            try note(
                .network,
                action,
                subject: row["id"],
                name: row["name"],
                project: row["project"],
                attributes: ["container": container.id.text, "type": row["driver"]],
                db
            )
        }
    }

    private static func noteVolumes(
        _ action: String,
        of container: ContainerRecord,
        _ db: Database
    ) throws {
        let rows = try db.rows(
            """
            SELECT volumes.name, volumes.driver, volumes.project, volumeUses.target, (
                SELECT max(json_extract(value, '$.readOnly'))
                FROM json_each(containers.specJSON, '$.mounts')
                WHERE json_extract(value, '$.target') = volumeUses.target
            ) AS isReadOnly
            FROM volumeUses JOIN volumes ON volumes.name = volumeUses.volume
            JOIN containers ON containers.id = volumeUses.container
            WHERE volumeUses.container = ? ORDER BY volumeUses.target
            """,
            [container.id.text]
        )
        for row in rows {
            let isReadOnly: Bool? = row["isReadOnly"]
            var attributes: [String: String] = [
                "container": container.id.text, "driver": row["driver"],
            ]
            if action == "mount" {
                attributes["destination"] = row["target"]
                attributes["propagation"] = ""
                attributes["read/write"] = "\(isReadOnly != true)"
            }
            let name: String = row["name"]
            try note(
                .volume,
                action,
                subject: name,
                name: name,
                project: row["project"],
                attributes: attributes,
                db
            )
        }
    }
}
