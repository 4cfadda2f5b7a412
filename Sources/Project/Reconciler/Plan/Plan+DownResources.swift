import Compose
import OrderedCollections

extension Plan {
    /// The names of the networks and volumes that go with a `down`: with a file those that it
    /// declares and a service of the extent uses, as docker compose does. What it does not name may
    /// hold data that another file of the project knows. Without a file it is all that has the
    /// project's label.
    ///
    /// Warns of what the project has, the file does not name, and so stays.
    mutating func resourcesToRemove(
        _ project: Project?,
        named name: String,
        _ observed: Observed,
        _ extent: Extent,
        _ options: DownOptions
    ) -> (networks: [String], volumes: [String]) {
        let networks = observed.networks.filter { $0.project == name }
        let volumes = options.removesVolumes ? observed.volumes : []
        guard let project else {
            guard extent.isWhole else { return ([], []) }
            return (networks.map(\.name), volumes.filter { $0.project == name }.map(\.name))
        }
        let networkNames = DeclaredNames(
            project.networks.map { ($1.name, $0, $1.external) },
            extent
        ) { Array($0.networks.keys) }
        let volumeNames = DeclaredNames(
            project.volumes.map { ($1.name, $0, $1.external) },
            extent,
            usedBy: \.volumeKeys
        )
        if extent.isWhole {
            for network in networks where !networkNames.knows(network.name, key: network.key) {
                warn(thatStays: "network \(network.name)", "berth -p \(name) down")
            }
            for volume in volumes
            where volume.project == name && !volumeNames.knows(volume.name, key: volume.key) {
                warn(thatStays: "volume \(volume.name)", "berth -p \(name) down -v")
            }
        }
        return (
            networks.filter { networkNames.takes($0.name, key: $0.key) }.map(\.name),
            // By the declaration before the label: of several projects that declare a volume, only
            // the first has its label. What others' containers have stays, with a word of whose.
            volumes.filter { volume in
                volumeNames.takes(volume.name, key: volume.project == name ? volume.key : nil)
            }.map(\.name)
        )
    }

    private mutating func warn(thatStays noun: String, _ command: String) {
        warnings.append(
            "\(noun) of this project stays, since no service of the file uses it; `\(command)` "
                + "removes all that the project has"
        )
    }
}

/// The networks or the volumes of a file by the names that they have on the machine. What only
/// services use that no profile enables is not declared: it is known by its key.
private struct DeclaredNames {
    /// Those that a service of the extent uses.
    private let going: Set<String>
    /// Names of those that are used at all, or are external.
    private let known: Set<String>
    private let keys: Set<String>
    private let extent: Extent
    private let used: (Service) -> [String]

    init(
        _ declarations: [(name: String, key: String, external: Bool)],
        _ extent: Extent,
        usedBy used: @escaping (Service) -> [String]
    ) {
        let external = Set(declarations.filter(\.external).map(\.name))
        going = Set(
            declarations.filter { extent.uses($0.key, used) }.map(\.name)
        ).subtracting(external)
        known = external.union(declarations.filter { extent.isUsed($0.key, used) }.map(\.name))
        keys = Set(declarations.map(\.key))
        self.extent = extent
        self.used = used
    }

    /// Whether a service of the extent uses it.
    func takes(_ name: String, key: String?) -> Bool {
        if going.contains(name) { return true }
        guard let key, !known.contains(name), !keys.contains(key) else { return false }
        return extent.uses(key, used)
    }

    /// Whether the file still means a network or volume that was made for `key`, which is nil for
    /// one that was made by hand.
    func knows(_ name: String, key: String?) -> Bool {
        guard let key, !known.contains(name) else { return true }
        return !keys.contains(key) && extent.isUsed(key, used)
    }
}
