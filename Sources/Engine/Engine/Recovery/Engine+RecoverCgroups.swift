import ContainerRuntime
import Linux

extension Engine {
    /// Removes the cgroups that have nothing in them and belong to no container, to one without a
    /// record, or to one that does not run and that nobody starts, since its project has no supervisor:
    /// what a killed keeper or command left. In words, those that it removed.
    func removeForeignCgroups(_ listing: StateListing) throws -> [String] {
        let foreign = listing.cgroups.filter { group in
            guard let id = group.container?.text else { return false }
            guard listing.containers.contains(id) else { return true }
            return listing.stopped[id].map { !hasSupervisor($0) } ?? false
        }
        guard !foreign.isEmpty || !listing.cgroups.unused.isEmpty else { return [] }
        // A build's folder is there before the groups of its steps, which were listed before.
        let builds = foreign.isEmpty ? [] : try AuditedBuilds(layout).containers
        var removed: [String] = []
        for entry in foreign where entry.container.map({ !builds.contains($0.text) }) ?? false {
            // What runs without a record (a restored database) is not ours to end.
            if try runtime.cgroups.remove(entry) { removed.append("cgroup \(entry.path)") }
        }
        return removed + runtime.cgroups.removeEmpty().map { "cgroup \($0)" }
    }
}
