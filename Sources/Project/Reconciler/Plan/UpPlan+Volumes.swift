import Compose
import Engine
import OrderedCollections

extension UpPlan {
    /// Makes the volumes that are missing. One that is there has data: it is made again only when the
    /// user agreed to that; else what is otherwise in the file is reported with what to do.
    mutating func addVolumes() {
        for key in usedVolumes {
            guard let volume = project.volumes[key], !volume.external else { continue }
            if let existing = observed.volumes.first(where: { $0.name == volume.name }) {
                if let renewed = renewedVolumes[volume.name] {
                    let request = VolumeRequest(volume, key: key, in: project)
                    makers[volume.name] = renew(request, renewed)
                } else {
                    warnIfDifferent(existing, from: volume)
                }
                continue
            }
            let request = VolumeRequest(volume, key: key, in: project)
            makers[volume.name] = plan.add(.init(.createVolume(request), because: "no volume yet"))
            warnOfFormer(key, volume)
        }
    }

    private mutating func warnIfDifferent(
        _ existing: VolumeRecord,
        from volume: VolumeDeclaration
    ) {
        guard existing.project == project.name else {
            plan.warnings.append(
                "volume \(volume.name) exists but was not made by project \(project.name); it is "
                    + "used as it is (`external: true` says that this is meant)"
            )
            return
        }
        let changes = existing.changes(to: volume)
        guard !changes.isEmpty else { return }
        plan.warnings.append(
            "volume \(volume.name) exists but does not match the compose file: "
                + "\(changes.joined(separator: ", ")); it is used as it is, with its data "
                + "(`berth up --yes` makes it again, empty)"
        )
    }

    /// A volume of another name was this one before: nothing of it is moved or removed.
    private mutating func warnOfFormer(_ key: String, _ volume: VolumeDeclaration) {
        let declared = Set(project.volumes.values.map(\.name))
        for former in observed.volumes
        where former.project == project.name && former.key == key
            && !declared.contains(former.name)
        {
            plan.warnings.append(
                "volumes.\(key): name changed (\(former.name) → \(volume.name)): the new volume "
                    + "is empty, and \(former.name) stays with its data "
                    + "(`name: \(former.name)` goes on with it)"
            )
        }
    }
}

extension VolumeRequest {
    fileprivate init(_ volume: VolumeDeclaration, key: String, in project: Project) {
        self.init(name: volume.name)
        self.project = project.name
        self.key = key
        directory = project.directory
        driver = volume.driver
        driverOptions = volume.driverOptions
        labels = ComposeLabels.volume(key, in: project)
            .merging(volume.labels, uniquingKeysWith: { ours, _ in ours })
    }
}
