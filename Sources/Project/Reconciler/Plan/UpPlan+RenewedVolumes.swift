import Compose
import ContainerRuntime
import Engine
import OrderedCollections

/// Volumes that are made again, empty, since the file says otherwise than they are and the user has
/// agreed to lose what is in them: docker compose asks that, and `--yes` is the answer.
struct RenewedVolume: Equatable {
    /// How the file differs.
    var changes: [String]
    /// The containers of the services that are brought up and have it: they go before it.
    var users: [Observed.Container] = []
}

extension UpPlan {
    /// By record names. Empty without `--yes`, and for an `up` that must not recreate anything.
    static func renewedVolumes(
        of selection: ServiceSelection,
        in project: Project,
        observed: Observed,
        options: UpOptions
    ) -> [String: RenewedVolume] {
        guard options.renewsVolumes, options.recreation != .never else { return [:] }
        var renewed: [String: RenewedVolume] = [:]
        for key in Set(selection.services.values.flatMap(\.volumeKeys)) {
            guard let volume = project.volumes[key], !volume.external,
                let existing = observed.volumes.first(where: { $0.name == volume.name }),
                existing.project == project.name
            else { continue }
            let changes = existing.changes(to: volume)
            guard !changes.isEmpty else { continue }
            renewed[volume.name] = RenewedVolume(
                changes: changes,
                users: observed.containers.filter { container in
                    !container.isOneOff && selection.services[container.service] != nil
                        && container.spec.mounts.contains { $0.isOfVolume(volume.name) }
                }
            )
        }
        return renewed
    }

    /// The step that makes a volume again, after those that remove who has it, and it. Others that
    /// have it are found by the rehearsal of the plan.
    mutating func renew(_ request: VolumeRequest, _ renewed: RenewedVolume) -> Int {
        let reason = "\(request.name): \(renewed.changes.joined(separator: ", ")) (--yes)"
        var removals: [Int] = []
        for user in renewed.users {
            // One container may have several.
            let step = removedUsers[user.id] ?? remove(user, because: reason)
            removedUsers[user.id] = step
            removals.append(step)
        }
        let removal = plan.add(
            .init(.removeVolume(name: request.name), because: reason, after: removals)
        )
        return plan.add(.init(.createVolume(request), because: reason, after: [removal]))
    }
}

extension VolumeRecord {
    /// What the file says otherwise than the record: `labels.foo changed`.
    func changes(to volume: VolumeDeclaration) -> [String] {
        var changes: [String] = []
        if driver != volume.driver { changes.append("driver: \(driver) → \(volume.driver)") }
        changes += KeyedDifference.changes(
            in: "driver_opts",
            from: driverOptions,
            to: volume.driverOptions
        )
        return changes + KeyedDifference.labels(from: labels, to: volume.labels)
    }
}

extension MountSpec {
    /// Whether it is of the volume with that record name.
    fileprivate func isOfVolume(_ name: String) -> Bool {
        guard case .volume(name, _) = source else { return false }
        return true
    }
}
