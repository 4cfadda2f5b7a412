import ContainerRuntime
import GRDB
import Linux

/// What there is of containers and projects outside the records, and which records explain
/// it: looked at once for a whole recovery.
struct StateListing: Sendable {
    /// Names of the folders of containers.
    var containerFolders: [String]
    /// Names of the folders of their secrets.
    var secretFolders: [String]
    var cgroups: [CgroupEntry]
    /// Projects that have locks or sockets.
    var projectFolders: Set<String>

    /// Containers with a record.
    var containers: Set<String> = []
    /// Projects with a record of any kind.
    var projects: Set<String> = []
    /// Containers that are written down as running, by the project whose supervisor has them.
    var running: [String: Set<ContainerID>] = [:]
    /// Containers that are written down as not running, and their projects.
    var stopped: [String: String] = [:]
    /// Containers whose removal has begun.
    var removing: [ContainerID] = []
    var hasBuildNetworks = false
}

extension Engine {
    func stateListing() async throws -> StateListing {
        // Listed before the records are read: a record is always there before what it explains.
        let listing = StateListing(
            containerFolders: try folderEntries(layout.containers),
            secretFolders: try folderEntries(layout.secrets),
            cgroups: runtime.cgroups.entries(),
            projectFolders: Set(
                try folderEntries(layout.locks) + folderEntries(layout.projects)
            )
        )
        return try await store.read { db in
            var listing = listing
            for row in try db.rows(
                "SELECT id, coalesce(project, ?) AS project, status = 'running' AS runs, isRemoving "
                    + "FROM containers",
                [Layout.standaloneProject]
            ) {
                let id = try row.value("id") { ContainerID($0) }
                listing.containers.insert(id.text)
                let project: String = row["project"]
                if row["runs"] {
                    listing.running[project, default: []].insert(id)
                } else {
                    listing.stopped[id.text] = project
                }
                if row["isRemoving"] { listing.removing.append(id) }
            }
            listing.projects = try Self.knownProjects(db)
            listing.hasBuildNetworks = try db.has(
                "SELECT 1 FROM networks WHERE key = ?",
                [Self.buildNetworkKey]
            )
            return listing
        }
    }
}
