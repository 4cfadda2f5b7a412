/// The volumes and binds of another container at the same places, as that one has them when this one
/// is made; memory file systems are everybody's own. docker-run(1) `--volumes-from`.
package struct InheritedMounts: Hashable, Codable, Sendable {
    /// By its name.
    package var container: String
    /// Whatever the other one may do.
    package var readOnly: Bool
    /// nil until the container is made. Every volume is by its record's name.
    package var mounts: [MountSpec]?

    /// All that is asked for.
    package init(from container: String, readOnly: Bool) {
        self.container = container
        self.readOnly = readOnly
    }

    /// What was asked for, without what came of it.
    package var asked: InheritedMounts { InheritedMounts(from: container, readOnly: readOnly) }
}

extension ContainerSpec {
    /// The mounts that come from other containers, at places where it has none of its own; of two
    /// for one place the first counts.
    package var inheritedMounts: [MountSpec] {
        guard let volumesFrom else { return [] }
        var taken = Set(mounts.map(\.target))
        return volumesFrom.flatMap { $0.mounts ?? [] }.filter { taken.insert($0.target).inserted }
    }
}
