import ContainerRuntime
import GRDB
import Linux

extension Engine {
    /// Removes the cgroups that have nothing in them and belong to no container or to one without a
    /// record: what a killed keeper or command left. In words, those that it removed.
    func removeForeignCgroups() async throws -> [String] {
        // Listed before the records are read: a record, or a build's folder, is there before its groups.
        let entries = runtime.cgroups.entries()
        guard !entries.isEmpty else { return [] }
        let builds = try AuditedBuilds(layout)
        let known = builds.containers.union(
            try await store.read { db in try db.texts("SELECT id FROM containers") }
        )
        var removed: [String] = []
        for entry in entries {
            guard let container = entry.container, !known.contains(container.text) else { continue }
            // What runs without a record (a restored database) is not ours to end.
            if try runtime.cgroups.remove(entry) { removed.append("cgroup \(entry.path)") }
        }
        return removed + runtime.cgroups.removeEmpty().map { "cgroup \($0)" }
    }
}
