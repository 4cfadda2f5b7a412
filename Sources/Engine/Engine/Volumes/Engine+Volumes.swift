import ContainerRuntime
import GRDB
import Glibc
import SystemPackage
import TextForms

extension Engine {
    /// Makes a volume; one that exists is given back as it is, as Docker does.
    @discardableResult
    package func createVolume(_ request: VolumeRequest) async throws -> VolumeRecord {
        try Self.check(request)
        let (record, isNew) = try await store.write { db in
            let isNew = try VolumeRecord.named(request.name, db) == nil
            return (try Self.insertVolume(request, db), isNew)
        }
        do { try makeFolder(ofVolume: record.name) } catch {
            // `try?`: why it cannot be made is what matters.
            if isNew { try? await removeVolume(named: record.name) }
            throw error
        }
        return record
    }

    /// What is wrong with a request without looking at what there is.
    static func check(_ request: VolumeRequest) throws {
        try checkName(request.name, of: "volume")
        let attempt = "cannot make volume `\(request.name)`"
        guard request.driver == "local" else {
            throw EngineError(
                .invalid,
                attempt,
                because: "there is no driver `\(request.driver)`",
                remedy: "leave `driver` out: it is `local`"
            )
        }
        do throws(LocalVolume.Mistake) { _ = try LocalVolume(request.driverOptions) } catch {
            throw EngineError(.invalid, attempt, because: "\(error)")
        }
    }

    static func insertVolume(_ request: VolumeRequest, _ db: Database) throws -> VolumeRecord {
        if let existing = try VolumeRecord.named(request.name, db) { return existing }
        var record = VolumeRecord(name: request.name, createdAt: .now())
        record.project = request.project
        record.key = request.key
        record.directory = request.directory
        record.driver = request.driver
        record.driverOptions = request.driverOptions
        record.labels = request.labels
        record.isAnonymous = request.isAnonymous
        try record.insert(db)
        try EventRecord.note(
            .volume,
            "create",
            subject: record.name,
            name: record.name,
            project: record.project,
            db
        )
        return record
    }

    /// Writes down that a project's volumes are this folder's from now on.
    package func adoptVolumes(ofProject project: String, by directory: String) async throws {
        try await store.write { db in
            try db.run(
                "UPDATE volumes SET directory = ? WHERE project = ?",
                [directory, project]
            )
        }
    }

    /// The record of a volume; nil where there is no volume of that name.
    /// - Throws: an `EngineError` when the records cannot be read.
    package func volume(named name: String) async throws -> VolumeRecord? {
        try await store.read { db in try VolumeRecord.named(name, db) }
    }

    /// Every volume of the machine, by name.
    package func volumes() async throws -> [VolumeRecord] {
        try await store.read { db in
            try db.rows("SELECT * FROM volumes ORDER BY name").map(VolumeRecord.init(row:))
        }
    }

    /// Which containers have which volume.
    package func volumeUses() async throws -> [VolumeUse] {
        try await store.read { db in
            try db.rows("SELECT * FROM volumeUses ORDER BY volume, container")
                .map(VolumeUse.init(row:))
        }
    }

    /// Removes a volume and what is in it. A container that has it, running or not, prevents that.
    /// The volume then stays its project's: whether that of the container declares it too, or has it
    /// as somebody else's (`external`), is not known here.
    package func removeVolume(named name: String) async throws {
        try await burying { db, bury in
            guard let record = try Self.unusedVolume(named: name, db) else {
                throw EngineError(
                    .notFound,
                    "cannot remove volume `\(name)`",
                    because: "no such volume"
                )
            }
            try bury(name)
            try record.delete(db)
        }
    }

    /// The record of a volume that can be removed; nil when there is none of the name.
    /// - Throws: `EngineError` `.inUse` while a container has it.
    static func unusedVolume(named name: String, _ db: Database) throws -> VolumeRecord? {
        guard let record = try VolumeRecord.named(name, db) else { return nil }
        let users = try db.rows(
            """
            SELECT DISTINCT containers.name, containers.project, containers.service,
                containers.isOneOff
            FROM volumeUses JOIN containers ON containers.id = volumeUses.container
            WHERE volume = ? ORDER BY 1
            """,
            [name]
        ).map(ContainerHolder.init(row:))
        guard users.isEmpty else {
            throw EngineError(
                .inUse,
                "cannot remove volume `\(name)`",
                because: "it is in use by \(users.words)",
                remedy: users.commands("down").map { "\($0) ends that" }
            )
        }
        return record
    }

    /// What a container sees of the volume, made when it is missing.
    @discardableResult
    func makeFolder(ofVolume name: String) throws -> FilePath {
        let data = layout.volumeData(name)
        try Layout.make(data.removingLastComponent())
        // As docker's: a service that is not root can read it, unless the image's folder or a program
        // says otherwise. The mode given to mkdir is cut by the umask.
        if mkdir(data.string, 0o755) == 0 {
            chmod(data.string, 0o755)
        } else {
            try Layout.make(data)
        }
        return data
    }

    /// Docker's rule for the names of containers, networks and volumes; also keeps a name from
    /// being a path.
    static func checkName(_ name: String, of noun: String) throws {
        let isAlphanumeric = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        let bytes = Array(name.utf8)
        let valid = bytes.dropFirst().allSatisfy {
            isAlphanumeric($0) || [95, 46, 45].contains($0)
        }
        guard bytes.count >= 2, bytes.count <= 255, isAlphanumeric(bytes[0]), valid else {
            throw EngineError(
                .invalid,
                "cannot make \(noun) `\(name)`",
                because: "the name is not allowed",
                remedy: "use letters, digits, `_`, `.` and `-`, a letter or digit first"
            )
        }
    }
}

extension Engine {
    /// Docker's rule for networks: any text that is more than blanks; here without control characters.
    static func checkNetworkName(_ name: String) throws {
        let isBlank = name.allSatisfy(\.isWhitespace)
        guard isBlank || name.utf8.count > 255 || VisibleText.escaped(name) != name else { return }
        throw EngineError(
            .invalid,
            "cannot make network `\(VisibleText.shortened(name))`",
            because: isBlank ? "the name is empty" : "the name is not allowed",
            remedy: "use at most 255 bytes, without control characters"
        )
    }
}

extension VolumeRecord {
    func delete(_ db: Database) throws {
        try db.run("DELETE FROM volumes WHERE name = ?", [name])
        try EventRecord.note(
            .volume,
            "destroy",
            subject: name,
            name: name,
            project: project,
            db
        )
    }
}
