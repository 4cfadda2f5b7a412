import ContainerRuntime
import FoundationEssentials
import GRDB
import OCI

extension VolumeRecord {
    init(row: Row) throws {
        self.init(name: row["name"], createdAt: Timestamp(nanoseconds: row["createdAt"]))
        project = row["project"]
        key = row["key"]
        directory = row["directory"]
        driver = row["driver"]
        driverOptions = try row.json("driverOptions")
        isAnonymous = row["isAnonymous"]
        labels = try row.json("labels")
    }

    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO volumes
                (name, project, key, directory, driver, driverOptions, isAnonymous, labels, createdAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                name, project, key, directory, driver, ColumnJSON.text(driverOptions),
                isAnonymous, ColumnJSON.text(labels), createdAt.nanoseconds,
            ]
        )
    }

    static func named(_ name: String, _ db: Database) throws -> VolumeRecord? {
        try db.row("SELECT * FROM volumes WHERE name = ?", [name]).map(Self.init(row:))
    }
}

extension VolumeUse {
    init(row: Row) throws {
        container = try row.value("container") { ContainerID($0) }
        target = row["target"]
        volume = row["volume"]
    }

    func insert(_ db: Database) throws {
        try db.run(
            "INSERT INTO volumeUses (container, target, volume) VALUES (?, ?, ?)",
            [container.text, target, volume]
        )
    }
}

extension ProjectRecord {
    init(row: Row) throws {
        self.init(
            name: row["name"],
            directory: row["directory"],
            files: try row.json("files"),
            desired: row["desired"]
        )
        updatedAt = Timestamp(nanoseconds: row["updatedAt"])
    }
}

extension ImageRecord {
    init(row: Row) throws {
        let configuration: Data = row["configuration"]
        self.init(
            id: try row.value("id") { Digest($0) },
            manifest: (row["manifest"] as String?).flatMap { Digest($0) },
            configuration: [UInt8](configuration),
            layers: try row.json("layers"),
            sizeBytes: row["sizeBytes"],
            recordedAt: Timestamp(nanoseconds: row["recordedAt"])
        )
        index = (row["imageIndex"] as String?).flatMap { Digest($0) }
    }
}

extension ImageName {
    init(row: Row) throws {
        reference = row["reference"]
        image = try row.value("image") { Digest($0) }
        updatedAt = Timestamp(nanoseconds: row["updatedAt"])
        manifest = (row["manifest"] as String?).flatMap { Digest($0) }
        index = (row["imageIndex"] as String?).flatMap { Digest($0) }
        layers = manifest == nil ? [] : try row.json("layers")
    }
}
