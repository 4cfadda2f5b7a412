import GRDB
import Glibc
import Linux

extension Engine {
    /// Writes what is known of a project, over what was known; nothing where that says the same, so
    /// that a command without anything to do also ends well on a full disk. Hold the convergence lock.
    package func record(_ project: ProjectRecord) async throws {
        if let known = try await self.project(named: project.name), known.says(project) { return }
        try await store.write { db in
            try db.run(
                """
                INSERT INTO projects (name, directory, files, desired, updatedAt)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET directory = excluded.directory,
                    files = excluded.files, desired = excluded.desired,
                    updatedAt = excluded.updatedAt
                """,
                [
                    project.name, project.directory, try ColumnJSON.text(project.files),
                    project.desired, project.updatedAt.nanoseconds,
                ]
            )
        }
    }

    /// The record of a project; nil when nothing of it was ever made, or all of it is gone.
    package func project(named name: String) async throws -> ProjectRecord? {
        try await store.read { db in
            try db.row("SELECT * FROM projects WHERE name = ?", [name])
                .map(ProjectRecord.init(row:))
        }
    }

    /// All of them, by name.
    package func projects() async throws -> [ProjectRecord] {
        try await store.read { db in
            try db.rows("SELECT * FROM projects ORDER BY name").map(ProjectRecord.init(row:))
        }
    }

    /// Forgets a project of which nothing is left: its record, and its locks and sockets once its
    /// supervisor has left, for which it waits a moment, unless that removes them itself. Hold the
    /// convergence lock.
    package func forgetProject(
        named name: String,
        helper: () async -> Bool = { false }
    ) async throws {
        try await store.writeEnd { db in
            try db.run("DELETE FROM projects WHERE name = ?", [name])
        }
        if await helper() { return }
        let folders = [layout.projectRun(name), layout.projectLocks(name)]
        guard folders.contains(where: Layout.exists) else { return }
        try Layout.make(layout.projectLocks(name))
        let path = layout.supervisorLock(name)
        let lock = try await withThrowingTaskGroup(of: FileLock?.self) { group in
            group.addTask { try await FileLock.acquire(path) }
            group.addTask {
                // A supervisor that stays longer has something left to do: then its files stay.
                try await Task.sleep(for: .seconds(2))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let lock else { return }
        try withExtendedLifetime(lock) { try removeFiles(ofProject: name) }
    }

    /// Removes the locks and sockets of a project of which nothing is left, for its supervisor, which
    /// holds its lock and is about to end. It gives the command that took the project away a moment to
    /// end; when another one works on the project they stay.
    package func removeFiles(ofGoneProject name: String) async throws {
        let deadline = ContinuousClock.now + .milliseconds(300)
        while true {
            do {
                if let work = try FileLock.tryAcquire(layout.convergenceLock(name)) {
                    let known = try await store.read { db in try Self.knownProjects(db) }
                    guard !known.contains(name) else { return }
                    return try withExtendedLifetime(work) { try removeFiles(ofProject: name) }
                }
            } catch let error as SyscallError where error.errno == ENOENT {
                // Somebody else was quicker.
                return
            }
            guard ContinuousClock.now < deadline else { return }
            try await Task.sleep(for: .milliseconds(3))
        }
    }

    /// Hold both locks of the project. Whoever waits for one of them notices that its file is gone.
    func removeFiles(ofProject name: String) throws {
        let run = layout.projectRun(name)
        if Layout.exists(run) { try removeTree(run) }
        // Last, and in one step: a lock that somebody takes while its folder is emptied would be
        // one that the next one takes, too.
        try discard(layout.projectLocks(name))
    }
}
