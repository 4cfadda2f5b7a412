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
    /// The same of networks that no container has a place on yet: nothing is wrong where another
    /// command is just making them.
    package var completed: [String] = []
    /// What was taken away, in words.
    package var removed: [String] = []
    /// What only a new start of a container puts right, in words.
    package var lasting: [String] = []
    /// What could not be, in words; the next recovery tries again.
    package var failed: [String] = []
}

extension Engine {
    /// Finishes what a crash left unfinished, removes what no record explains, and puts back what the
    /// kernel has lost of what records say. Harmless at any time and beside other commands: what has
    /// a record, or might be about to get one, stays.
    ///
    /// `mending` is false for a command that only takes away: to compare all that runs on the
    /// machine would cost it a tenth of its time, and what runs on has a supervisor that watches.
    @discardableResult
    package func recover(mending: Bool = true) async throws -> Recovery {
        var recovery = Recovery()
        try await noticeReboot(&recovery)
        let listing = try await stateListing()
        await finishRemovals(listing.removing, &recovery)
        try removeForeignFolders(listing, &recovery)
        if listing.hasBuildNetworks { await removeBuildNetworks(&recovery) }
        do { recovery.removed += try removeForeignCgroups(listing) } catch {
            recovery.failed.append("\(error)")
        }
        do { recovery.removed += try await removeForeignProjects(listing) } catch {
            recovery.failed.append("\(error)")
        }
        await settleNetwork(listing, &recovery, mending: mending)
        if mending { await putBackContainers(listing, &recovery) }
        await removeRemains(&recovery)
        try await store.writeEnd { db in try EventRecord.trim(db) }
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
                if try record.spec.isRemovedAtEnd == true {
                    try Self.retire(record.id, withAnonymousVolumes: true, db)
                }
                return record.name
            }
        }
        guard let lost else { return }
        recovery.rebooted = true
        recovery.lost = lost
    }

    private func finishRemovals(_ ids: [ContainerID], _ recovery: inout Recovery) async {
        guard !ids.isEmpty else { return }
        do {
            try await finishRemoval(of: ids)
            recovery.removed += ids.map { "container \($0.short)" }
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// Folders of containers without a record, and what was on its way out. That of a volume stays:
    /// the records may be lost, or older than it, and what is in it is the user's.
    private func removeForeignFolders(
        _ listing: StateListing,
        _ recovery: inout Recovery
    ) throws {
        for name in listing.containerFolders where !listing.containers.contains(name) {
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
        for name in listing.secretFolders where !listing.containers.contains(name) {
            attempt(&recovery, "secrets of container \(name.prefix(12))") {
                try removeSecrets(of: name)
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

    private func removeBuildNetworks(_ recovery: inout Recovery) async {
        do {
            recovery.removed += try await removeAbandonedBuildNetworks().map { "network \($0)" }
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// Removes links and firewall elements whose container or network has no record and, `mending`,
    /// puts back what the kernel's network has otherwise than the records say. Links and ports of
    /// containers that have a supervisor are left to it: it watches, and may be changing them.
    private func settleNetwork(
        _ listing: StateListing,
        _ recovery: inout Recovery,
        mending: Bool
    ) async {
        do {
            let expected =
                mending ? try await networkExpectation(of: nil) : NetworkExpectation()
            let survey = try await kernel.survey(against: expected)
            // What these records explain needs no second look at records.
            let owners = ExpectedOwners(expected)
            let others = survey.objects.filter { !owners.explain($0) }
            let hasRemoved = try await removeForeign(others, &recovery)
            guard mending else { return }
            // What was removed may have hidden something.
            let faults =
                hasRemoved ? try await kernel.faults(against: expected) : survey.faults
            let result = try await mend(faults, expected, concerning: unwatched(listing))
            recovery.mended += result.mended
            recovery.completed += result.completed
            recovery.failed += result.failed
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// What running containers have otherwise than the records say. Those of a supervisor that lives
    /// are left to it: it looks as it begins and every few seconds.
    private func putBackContainers(
        _ listing: StateListing,
        _ recovery: inout Recovery
    ) async {
        let unwatched = unwatched(listing)
        guard !unwatched.isEmpty else { return }
        do {
            let mending = try await mendContainers(of: unwatched)
            recovery.mended += mending.mended
            recovery.lasting += mending.lasting
            recovery.failed += mending.failed
        } catch {
            recovery.failed.append("\(error)")
        }
    }

    /// Containers that run and have no supervisor that lives.
    private func unwatched(_ listing: StateListing) -> Set<ContainerID> {
        listing.running.filter { !hasSupervisor($0.key) }
            .reduce(into: []) { $0.formUnion($1.value) }
    }

    /// By the mark in its lock, and not by the lock: the kernel takes ten milliseconds to list locks.
    func hasSupervisor(_ project: String) -> Bool {
        // `try?`: what cannot be read is of none that lives.
        let holder = try? SupervisorMark.holder(in: layout.supervisorLock(project))
        return holder.flatMap(\.self) != nil
    }

    /// Gives whether there was anything to remove. The records are read after the look at the kernel:
    /// what is new is in neither or in both.
    private func removeForeign(
        _ objects: [NetworkObject],
        _ recovery: inout Recovery
    ) async throws -> Bool {
        guard !objects.isEmpty else { return false }
        let known = try await knownOwners()
        let foreign = objects.filter { known.explain($0) == .nobody }
        for object in foreign {
            do {
                try await kernel.remove(object)
                recovery.removed.append("\(object)")
            } catch {
                recovery.failed.append("\(error)")
            }
        }
        return !foreign.isEmpty
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
