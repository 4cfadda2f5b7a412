import GRDB

extension Engine {
    /// Writes what is known of a project, over what was known.
    package func record(_ project: ProjectRecord) async throws {
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

    /// Forgets a project; what it made is left as it is.
    package func forgetProject(named name: String) async throws {
        try await store.write { db in
            try db.run("DELETE FROM projects WHERE name = ?", [name])
        }
    }
}
