package import ContainerRuntime
import GRDB
import SystemPackage

extension Engine {
    /// Removes stopped containers: records, addresses, folders, logs, and on request their anonymous
    /// volumes. Ones that are gone already are no error; ones that run are.
    ///
    /// Throws the first failure after having tried all of them.
    package func removeContainers(
        _ ids: [ContainerID],
        withAnonymousVolumes: Bool
    ) async throws {
        try await settleUnseen(ids)
        try await store.writeEnd { db in
            for id in ids { try Self.retire(id, withAnonymousVolumes: withAnonymousVolumes, db) }
        }
        try await finishRemoval(of: ids)
    }

    /// Does for containers that ended while no supervisor looked what one would have done: writes
    /// the end down and takes the ports back. Ones that really run stay as they are.
    func settleUnseen(_ ids: [ContainerID]) async throws {
        let running = try await store.read { db in
            try ids.compactMap { try ContainerRecord.find($0, db) }
                .filter { $0.status == .running }
        }
        for record in running {
            let folder = layout.container(record.id.text)
            guard try runtime.adopt(record.id, name: record.name, in: folder) == nil else {
                continue
            }
            let exit = try runtime.exitRecord(in: folder)
            try await store.writeEnd { db in
                guard var present = try ContainerRecord.find(record.id, db), present == record
                else { return }
                present.settle(exit)
                try present.updateState(db)
                try EventRecord.noteEnd(of: present, db)
            }
        }
        try await releaseLeftPorts(of: ids)
    }

    /// Ports that are still led to stopped containers because nobody saw them end.
    private func releaseLeftPorts(of ids: [ContainerID]) async throws {
        let left = try await store.read { db in
            try ids.filter { id in
                try db.has(
                    """
                    SELECT 1 FROM containers
                    WHERE id = ? AND published <> '[]' AND status <> 'running'
                    """,
                    [id.text]
                )
            }
        }
        for id in left { try await releaseNetworks(id) }
    }

    /// Marks a container as going: its name and addresses are free from now on, and nothing starts
    /// it again. One that runs is refused, unless it is only tried (`rehearse`).
    static func retire(
        _ id: ContainerID,
        withAnonymousVolumes: Bool,
        whileRunning: Bool = false,
        _ db: Database
    ) throws {
        guard let record = try ContainerRecord.find(id, db), !record.isRemoving else { return }
        guard record.status != .running || whileRunning else {
            throw EngineError(
                .inUse,
                "cannot remove container `\(record.name)`",
                because: "it is running",
                remedy: "stop it first"
            )
        }
        // A name that no container can be given (`checkName`), and unique, since it has the id.
        try db.run(
            """
            UPDATE containers SET isRemoving = ?, desired = 'stopped', name = ? WHERE id = ?
            """,
            [withAnonymousVolumes ? 2 : 1, "~\(id.text)", id.text]
        )
        try db.run(
            """
            INSERT OR REPLACE INTO releasedAddresses (network, address, releasedAt)
            SELECT network, address, ?1 FROM endpoints WHERE container = ?2
            UNION ALL SELECT network, value, ?1 FROM endpoints, json_each(furtherAddresses)
            WHERE container = ?2
            """,
            [Timestamp.now().nanoseconds, id.text]
        )
        try db.run("DELETE FROM endpoints WHERE container = ?", [id.text])
        try EventRecord.note("destroy", record, db)
        try EventSubject.keep(of: record, db)
    }

    /// Takes apart what retired containers have outside the database, then drops their records.
    /// Repeating it is harmless: recovery calls it for what a crash left.
    func finishRemoval(of ids: [ContainerID]) async throws {
        try await unmountVolumes(of: ids)
        var firstFailure: (any Error)?
        var done: [ContainerID] = []
        for id in ids {
            do {
                try dismantle(id)
                done.append(id)
            } catch {
                firstFailure = firstFailure ?? error
            }
        }
        let gone = done
        try await burying { db, bury in
            var volumes: [String] = []
            for id in gone {
                volumes += try Self.anonymousVolumesToRemove(with: id, db)
                try db.run("DELETE FROM containers WHERE id = ?", [id.text])
            }
            for name in volumes {
                try bury(name)
                try VolumeRecord.named(name, db)?.delete(db)
            }
        }
        if let firstFailure { throw firstFailure }
    }

    /// The anonymous volumes that go with a container, if that was asked for: those that no other
    /// container has, since one may have inherited them.
    private static func anonymousVolumesToRemove(
        with id: ContainerID,
        _ db: Database
    ) throws -> [String] {
        try db.texts(
            """
            SELECT volume FROM volumeUses AS mine
            JOIN volumes ON volumes.name = mine.volume
            JOIN containers ON containers.id = mine.container
            WHERE mine.container = ? AND volumes.isAnonymous AND containers.isRemoving = 2
            AND NOT EXISTS (
                SELECT 1 FROM volumeUses AS other
                WHERE other.volume = mine.volume AND other.container <> mine.container)
            """,
            [id.text]
        )
    }
}
