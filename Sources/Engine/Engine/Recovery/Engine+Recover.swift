import ContainerNetwork
import ContainerRuntime
import GRDB
import ImageStore
import Linux
import Logging
import SystemPackage

/// What recovery found to do; empty after an orderly life.
package struct Recovery: Hashable, Sendable {
    /// The machine was restarted since the last command.
    package var rebooted = false
    /// Containers that were running before and whose end nobody saw, by name.
    package var lost: [String] = []
    /// What the kernel had lost or had otherwise than the records say, and has again, in words.
    package var mended: [String] = []
    /// What was taken away, in words.
    package var removed: [String] = []
    /// What could not be, in words; the next recovery tries again.
    package var failed: [String] = []
}

extension Engine {
    /// Finishes what a crash left unfinished, removes what no record explains, and puts back what the
    /// kernel has lost of what records say. Harmless at any
    /// time and beside other commands: what has a record, or might be about to get one, stays.
    ///
    /// `mendingNetwork` is false for a command that only takes away: to compare every network of the
    /// machine would cost it a tenth of its time, and what runs on has a supervisor that watches.
    @discardableResult
    package func recover(mendingNetwork: Bool = true) async throws -> Recovery {
        var recovery = Recovery()
        try await noticeReboot(&recovery)
        try await finishRemovals(&recovery)
        try await removeForeignFolders(&recovery)
        do {
            recovery.removed += try await removeAbandonedBuildNetworks().map { "network \($0)" }
        } catch {
            recovery.failed.append("\(error)")
        }
        do { recovery.removed += try await removeForeignCgroups() } catch {
            recovery.failed.append("\(error)")
        }
        do { recovery.removed += try await removeForeignProjects() } catch {
            recovery.failed.append("\(error)")
        }
        await removeForeignNetwork(&recovery)
        if mendingNetwork { await putBackNetwork(&recovery) }
        await removeRemains(&recovery)
        try await store.writeEnd { db in
            try db.run(
                "DELETE FROM events WHERE sequence <= (SELECT max(sequence) FROM events) - ?",
                [Self.keptEvents]
            )
        }
        return recovery
    }

    /// After a restart of the machine nothing runs, whatever the records say.
    private func noticeReboot(_ recovery: inout Recovery) async throws {
        let boot = try bootID()
        let lost: [String]? = try await store.writeEnd { db in
            let known = try db.texts("SELECT value FROM facts WHERE name = 'bootID'").first
            guard known != boot else { return nil }
            try db.run("INSERT OR REPLACE INTO facts (name, value) VALUES ('bootID', ?)", [boot])
            try Self.forgetHostForwarding(db)
            let rows = try db.rows(
                "SELECT * FROM containers WHERE status IN ('running', 'restarting')"
            )
            return try rows.map { row in
                var record = try ContainerRecord(row: row)
                record.settleAfterReboot()
                try record.updateState(db)
                return record.name
            }
        }
        guard let lost else { return }
        recovery.rebooted = true
        recovery.lost = lost
    }

    private func finishRemovals(_ recovery: inout Recovery) async throws {
        let ids = try await store.read { db in
            try db.rows("SELECT id FROM containers WHERE isRemoving")
                .map { try $0.value("id") { ContainerID($0) } }
        }
        guard !ids.isEmpty else { return }
        do {
            try await finishRemoval(of: ids)
            recovery.removed += ids.map { "container \($0.short)" }
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// Folders without a record, and what was on its way out.
    private func removeForeignFolders(_ recovery: inout Recovery) async throws {
        // Listed before the records are read: a record is always there before its folder.
        let containers = try folderEntries(layout.containers)
        let volumes = try folderEntries(layout.volumes)
        let (knownContainers, knownVolumes) = try await store.read { db in
            (
                Set(try db.texts("SELECT id FROM containers")),
                Set(try db.texts("SELECT name FROM volumes"))
            )
        }
        for name in containers where !knownContainers.contains(name) {
            attempt(&recovery, "folder of container \(name.prefix(12))") {
                let folder = layout.containers.appending(name)
                if let id = ContainerID(name) {
                    // Still running without a record (a restored database): not ours to end.
                    guard try runtime.adopt(id, name: id.short, in: folder) == nil else {
                        return false
                    }
                    try runtime.cleanUp(id, in: folder)
                }
                try discard(folder)
                return true
            }
        }
        for name in volumes where !knownVolumes.contains(name) {
            attempt(&recovery, "folder of volume \(name)") {
                try discard(layout.volumes.appending(name))
                return true
            }
        }
        for name in try folderEntries(layout.trash) {
            attempt(&recovery, "trash \(name.prefix(12))") {
                try removeTree(layout.trash.appending(name))
                return true
            }
        }
    }

    /// Links and firewall elements whose container or network has no record.
    private func removeForeignNetwork(_ recovery: inout Recovery) async {
        do {
            let objects = try await kernel.inventory()
            guard !objects.isEmpty else { return }
            let known = try await knownOwners()
            for object in objects where known.explain(object) == .nobody {
                do {
                    try await kernel.remove(object)
                    recovery.removed.append("\(object)")
                } catch {
                    recovery.failed.append("\(error)")
                }
            }
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// What the kernel has otherwise than the records say.
    private func putBackNetwork(_ recovery: inout Recovery) async {
        do {
            let mending = try await mendNetwork()
            recovery.mended += mending.mended
            recovery.failed += mending.failed
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// What killed commands left of images.
    private func removeRemains(_ recovery: inout Recovery) async {
        let imageStore = imageStore
        do {
            let removed = try await blocking { () throws(any Error) in
                try imageStore.removeRemains()
            }
            recovery.removed += removed.map { "\($0)" }
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    private func attempt(
        _ recovery: inout Recovery,
        _ what: String,
        _ body: () throws -> Bool
    ) {
        do {
            if try body() { recovery.removed.append(what) }
        } catch {
            recovery.failed.append("\(what): \(error)")
        }
    }
}
