import Compose
import Engine
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
            wrong: options.setAside.networks,
            extent
        ) { Array($0.networks.keys) }
        let volumeNames = DeclaredNames(
            project.volumes.map { ($1.name, $0, $1.external) },
            wrong: options.setAside.volumes,
            extent,
            usedBy: \.volumeKeys
        )
        if extent.isWhole {
            for network in networks {
                let reason = networkNames.reasonToStay(network.name, key: network.key)
                warn(thatStays: "network \(network.name)", reason, "berth -p \(name) down")
            }
            for volume in volumes where volume.project == name {
                let reason = volumeNames.reasonToStay(volume.name, key: volume.key)
                warn(thatStays: "volume \(volume.name)", reason, "berth -p \(name) down -v")
            }
        }
        return (
            networks.filter { networkNames.takes($0.name, key: $0.key) }.map(\.name),
            // By the declaration before the label: of several projects that declare a volume, only
            // the first has its label. What others' containers have stays, with a word of whose.
            // An anonymous one that an earlier `down` has left belongs to nothing else.
            volumes.filter { volume in
                let isOurs = volume.project == name
                return isOurs && volume.isAnonymous && extent.isWhole
                    || volumeNames.takes(volume.name, key: isOurs ? volume.key : nil)
            }.map(\.name)
        )
    }

    private mutating func warn(thatStays noun: String, _ reason: String?, _ command: String) {
        guard let reason else { return }
        warnings.append(
            "\(noun) of this project stays, since \(reason); `\(command)` removes all that the "
                + "project has"
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
    /// Those whose declaration is wrong, and their names as far as they are known.
    private let wrong: SetAside.Keys
    private let wrongNames: Set<String>
    private let extent: Extent
    private let used: (Service) -> [String]

    init(
        _ declarations: [(name: String, key: String, external: Bool)],
        wrong: SetAside.Keys,
        _ extent: Extent,
        usedBy used: @escaping (Service) -> [String]
    ) {
        self.wrong = wrong
        wrongNames = Set(declarations.filter { wrong.contains($0.key) }.map(\.name))
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
        if isWrong(name, key) { return false }
        if going.contains(name) { return true }
        guard let key, !known.contains(name), !keys.contains(key) else { return false }
        return extent.uses(key, used)
    }

    /// Why a network or volume stays that the project has and the file does not mean any more; nil
    /// where it means it. It was made for `key`, which is nil for one that was made by hand.
    func reasonToStay(_ name: String, key: String?) -> String? {
        if isWrong(name, key) { return "its declaration in the file is wrong" }
        guard let key, !known.contains(name) else { return nil }
        let isMeant = !keys.contains(key) && extent.isUsed(key, used)
        return isMeant ? nil : "no service of the file uses it"
    }

    private func isWrong(_ name: String, _ key: String?) -> Bool {
        wrongNames.contains(name) || key.map(wrong.contains) == true
    }
}
