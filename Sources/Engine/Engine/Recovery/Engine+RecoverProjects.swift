import GRDB
import Glibc
import Linux

extension Engine {
    /// Removes the locks and sockets of projects of which nothing else is there and that nobody works
    /// on: what a command leaves that is killed before it has made anything. In words, whose.
    func removeForeignProjects(_ listing: StateListing) async throws -> [String] {
        var removed: [String] = []
        for name in listing.projectFolders.subtracting(listing.projects).sorted()
        where try await removeIfForeign(name) {
            removed.append("locks of project \(name)")
        }
        return removed
    }

    private func removeIfForeign(_ name: String) async throws -> Bool {
        // Another state folder's, in the same run folder.
        guard !layout.isServed(name) else { return false }
        do {
            try Layout.make(layout.projectLocks(name))
            guard let work = try FileLock.tryAcquire(layout.convergenceLock(name)),
                let supervision = try FileLock.tryAcquire(layout.supervisorLock(name)),
                // Somebody may have worked on it, and be done, since the folders were listed.
                try await !store.read({ db in try Self.knownProjects(db) }).contains(name)
            else { return false }
            try withExtendedLifetime((work, supervision)) { try removeFiles(ofProject: name) }
            return true
        } catch let error as SyscallError where error.errno == ENOENT {
            // Somebody else was quicker.
            return false
        }
    }

    /// Those that have a record of any kind, and the one of containers that are no project's: its
    /// locks stay, since each of them may be the last and the next comes soon.
    static func knownProjects(_ db: Database) throws -> Set<String> {
        Set(
            try db.texts(
                """
                SELECT name FROM projects
                UNION SELECT project FROM containers WHERE project IS NOT NULL
                UNION SELECT project FROM networks WHERE project IS NOT NULL
                UNION SELECT project FROM volumes WHERE project IS NOT NULL
                """
            )
        ).union([Layout.standaloneProject])
    }
}
