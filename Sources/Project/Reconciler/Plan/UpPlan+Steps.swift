import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor

extension UpPlan {
    mutating func addContainers(of service: Service) throws(ReconcilerError) {
        for container in (excess[service.name] ?? []).reversed() {
            _ = remove(container, because: "\(service.name): scaled down")
        }
        warnOfPlatform(of: service)
        let made = Set(needs(of: service) + makersOfMounts(of: service)).sorted()
        // Without any that is about to start, only what this plan starts is waited for.
        let starters = (replicas[service.name] ?? []).filter {
            options.starts && !runsOn($0)
        }
        let waits = addWaits(of: service, onlyForStarted: starters.isEmpty)
        let conditions = starters.isEmpty ? waits : withCompanions(of: service, after: waits)
        let rolled = rolled(service)
        let later = settleInterrupted(of: service, rolled: rolled)
        let settled = Set(made + (leftoverSteps[service.name] ?? [])).sorted()
        for replica in replicas[service.name] ?? []
        where !rolled.contains(where: { $0.name == replica.name }) {
            try add(replica, of: service, made: settled, conditions: conditions)
        }
        removeAfterStart(later)
        try roll(rolled, of: service, made: made, conditions: conditions)
        addRestarts(of: service)
    }

    /// Where a container is made of an image whose programs this machine may not run.
    private mutating func warnOfPlatform(of service: Service) {
        guard service.platform == nil, let image = images[service.name],
            Platform.host.rank(of: image.platform) == nil,
            (replicas[service.name] ?? []).contains(where: { $0.kept == nil })
        else { return }
        plan.warnings.append(
            "\(service.name): the platform of image \(image.reference) (\(image.platform)) does not "
                + "match the detected host platform (\(Platform.host)) and no specific platform was "
                + "requested"
        )
    }

    /// It runs and is not stopped by the plan.
    func runsOn(_ replica: Replica) -> Bool {
        guard let kept = replica.kept else { return false }
        return kept.state.staysUp && halted[kept.name] == nil
    }

    /// The steps that make the networks and volumes of a service.
    private func needs(of service: Service) -> [Int] {
        let networks = service.networks.keys.compactMap { project.networks[$0]?.name }
        let volumes = service.volumeKeys.compactMap { project.volumes[$0]?.name }
        return (networks + volumes).compactMap { makers[$0] }.sorted()
    }

    private mutating func add(
        _ replica: Replica,
        of service: Service,
        made: [Int],
        conditions: [Int]
    ) throws(ReconcilerError) {
        let name = replica.name
        if let existing = replica.existing { decided.insert(existing.name) }
        if let kept = replica.kept, let contents = replica.request?.contents, !contents.isEmpty {
            plan.contents[kept.id] = .init(spec: kept.spec, contents: contents)
        }
        var start = Array(OrderedSet((leftoverSteps[service.name] ?? []) + conditions))
        if let existing = replica.existing, let reason = replica.republishing,
            let request = replica.request
        {
            let halt = halted[existing.name].map { [$0.stop] } ?? []
            let step = plan.add(
                .init(
                    .republish(existing.reference, request),
                    because: reason,
                    after: Array(OrderedSet(made + halt))
                )
            )
            start.append(step)
            latest[name] = step
        }
        let isStopping = replica.existing?.state == .stopping
        var because = "\(service.name): \(isStopping ? "being stopped" : "not running")"
        if let existing = replica.existing, let reason = replica.replacement {
            let before = Array(OrderedSet(made + conditions))
            let replacing = addReplacement(of: existing, by: replica.wanted, reason, after: before)
            start = [replacing]
            because = reason
            latest[name] = replacing
            replaced.insert(service.name)
        } else if replica.existing == nil {
            let created = plan.add(
                .init(
                    .createContainer(replica.wanted),
                    because: oneOff?.name == name
                        ? "\(service.name): run" : "\(service.name): no container yet",
                    after: made
                )
            )
            start = [created] + conditions
            // Whoever makes it has something to do before it starts.
            if oneOff?.name == name {
                latest[name] = created
                return
            }
            because = "\(service.name): new"
            latest[name] = created
        } else if let existing = replica.existing, let halt = halted[existing.name] {
            start = Set(start + needs(of: halt)).sorted()
            because = halt.because
        } else if runsOn(replica) {
            switch replica.existing?.state {
            case .running where replica.republishing != nil: break
            case .running: plan.unchanged.append(replica.reference)
            case .restarting: plan.restarting.append(replica.reference)
            default: break
            }
            return
        }
        let halt = replica.kept.flatMap { halted[$0.name] }
        guard options.starts || halt.map(startsAgain) == true else { return }
        renewed.insert(service.name)
        latest[name] = plan.addStart(
            replica.reference,
            hooks: hooks(of: replica),
            because: because,
            after: try addPreStart(of: replica, service, because: because, after: start)
        )
    }

    /// Of what the container will be made from, as far as that is known.
    private func hooks(of replica: Replica) -> HookSpecs? {
        if let kept = replica.kept { return kept.spec.hooks }
        if let request = replica.request { return request.spec.hooks }
        return selection.services[replica.service].flatMap { HookSpecs(of: $0) }
    }

    /// What runs goes on until its successor can really start.
    private mutating func addReplacement(
        of existing: Observed.Container,
        by wanted: WantedContainer,
        _ reason: String,
        after: [Int]
    ) -> Int {
        var before = after
        if let halt = halted[existing.name] {
            before.append(halt.stop)
        } else if existing.state.isAlive {
            let sharers = haltSharers(of: existing, after: before)
            before = [
                plan.addStop(
                    existing,
                    grace: options.grace,
                    because: reason,
                    after: before,
                    behind: sharers
                )
            ]
        }
        return plan.add(
            .init(
                .replaceContainer(
                    existing.reference,
                    wanted,
                    renewsVolumes: options.renewsAnonymousVolumes
                ),
                because: reason,
                after: before
            )
        )
    }

    /// compose-spec `depends_on.restart`: dependents of a replaced service are restarted with it, and
    /// so is who shares its namespaces, which are others now.
    private mutating func addRestarts(of service: Service) {
        guard options.starts else { return }
        let causes = service.dependsOn.filter { name, dependency in
            dependency.restart && replaced.contains(name)
                && (replicas[name] ?? []).contains { $0.existing != nil }
        }
        let running = (replicas[service.name] ?? []).filter(runsOn)
        guard !running.isEmpty else { return }
        let former = reasonOfFormerNamespaces(of: service, running.compactMap(\.kept))
        let reason =
            former ?? causes.keys.first.map { "\(service.name): \($0) is restarted" }
        guard let reason else { return }
        let conditions = withCompanions(of: service, after: addWaits(of: service))
        for replica in running {
            guard let kept = replica.kept else { continue }
            latest[replica.name] = plan.addRestart(
                kept,
                grace: options.grace,
                because: reason,
                after: conditions
            )
        }
        plan.unchanged.removeAll { $0.service == service.name }
        plan.restarting.removeAll { $0.service == service.name }
        renewed.insert(service.name)
        if former == nil { replaced.insert(service.name) }
    }

    mutating func addOrphans() {
        let known = Set(project.services.keys).union(project.disabledServices.keys)
        let orphans = observed.containers
            .filter { !known.contains($0.service) && !$0.isOneOff }
            .sorted { $0.name < $1.name }
        guard !orphans.isEmpty else { return }
        guard options.removesOrphans else {
            if !options.ignoresOrphans {
                plan.warnings.append(
                    "Found orphan containers ([\(orphans.map(\.name).joined(separator: " "))]) "
                        + "for this project. If you removed or renamed this service in your "
                        + "compose file, you can run this command with the --remove-orphans flag "
                        + "to clean it up."
                )
            }
            return
        }
        for orphan in orphans {
            _ = remove(orphan, because: "\(orphan.service): not in the file any more")
        }
    }

    mutating func remove(
        _ container: Observed.Container,
        because: String,
        withAnonymousVolumes: Bool = false,
        after: [Int] = []
    ) -> Int {
        var after = after
        if let halt = halted.removeValue(forKey: container.name) {
            after.append(halt.stop)
        } else if container.state.isAlive {
            after = [
                plan.addStop(container, grace: options.grace, because: because, after: after)
            ]
        }
        return plan.add(
            .init(
                .removeContainer(
                    container.reference,
                    withAnonymousVolumes: withAnonymousVolumes
                ),
                because: because,
                after: after
            )
        )
    }
}
