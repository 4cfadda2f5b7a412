import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor

/// Replacing the containers of a service some at a time: where it has several, or says how it is to be
/// updated. Each new one is made beside the old one, and takes its place when it is ready.
extension UpPlan {
    /// Those that are replaced in turn; all others are as if they were the only one.
    func rolled(_ service: Service) -> [Replica] {
        let all = replicas[service.name] ?? []
        guard options.starts, oneOff?.service != service.name,
            service.deploy?.updateConfig != nil || all.count > 1,
            !service.networks.values.contains(where: \.hasFixedAddress)
        else { return [] }
        return all.filter { replica in
            guard let existing = replica.existing, replica.replacement != nil else { return false }
            return existing.state == .running && !existing.isPaused
                && existing.name == replica.name && halted[existing.name] == nil
                && !sharing.contains { $0.shares(existing) }
        }
    }

    mutating func roll(
        _ rolled: [Replica],
        of service: Service,
        made: [Int],
        conditions: [Int]
    ) throws(ReconcilerError) {
        var update = RollingUpdate(service.deploy?.updateConfig, count: rolled.count)
        if update.startsFirst, let obstacle = obstacleToStartingFirst(service, rolled) {
            update.startsFirst = false
            plan.warnings.append(
                "\(service.name): each container is stopped before the next one starts, although "
                    + "update_config.order is start-first: \(obstacle)"
            )
        }
        var batch: [Int] = []
        var tried: [Succession] = []
        var open: [(succession: Succession, reason: String, step: Int)] = []
        for start in stride(from: 0, to: rolled.count, by: update.parallelism) {
            let gate = gate(after: batch, update, of: service)
            batch = []
            for replica in rolled[start..<min(start + update.parallelism, rolled.count)] {
                var trial = Trial(monitor: update.monitor)
                trial.startsFirst = update.startsFirst
                if update.onFailure == .rollback { trial.takesBack = tried }
                let begun = try begin(
                    replica,
                    of: service,
                    update,
                    trial,
                    made: made,
                    conditions: conditions,
                    gate: gate
                )
                tried.append(begun.succession)
                if update.onFailure == .rollback {
                    open.append(begun)
                    batch.append(begun.step)
                } else {
                    batch.append(end(begun, after: [begun.step]))
                }
            }
        }
        let last = open.map(\.step)
        for begun in open { _ = end(begun, after: last) }
    }

    /// What a batch comes after: the one before, and the time between them.
    private mutating func gate(
        after batch: [Int],
        _ update: RollingUpdate,
        of service: Service
    ) -> (after: [Int], behind: [Int]) {
        guard !batch.isEmpty else { return ([], []) }
        let goesOn = update.onFailure == .continue
        guard update.delay > .zero else { return goesOn ? ([], batch) : (batch, []) }
        let delay = plan.add(
            .init(
                .delay(update.delay, service: service.name),
                because: "\(service.name): update_config.delay",
                after: goesOn ? [] : batch,
                behind: goesOn ? batch : []
            )
        )
        return ([delay], [])
    }

    /// Up to the end of the old one and the readiness of the new one, whichever comes first.
    private mutating func begin(
        _ replica: Replica,
        of service: Service,
        _ update: RollingUpdate,
        _ trial: Trial,
        made: [Int],
        conditions: [Int],
        gate: (after: [Int], behind: [Int])
    ) throws(ReconcilerError) -> (succession: Succession, reason: String, step: Int) {
        guard let existing = replica.existing, let reason = replica.replacement else {
            preconditionFailure("only what is there and is not good any more is replaced")
        }
        decided.insert(existing.name)
        replaced.insert(service.name)
        renewed.insert(service.name)
        var new = replica
        new.existing = nil
        new.replacement = nil
        let succession = Succession(
            old: existing.reference,
            successor: ContainerReference(
                name: ContainerRecord.nameOfSuccessor(of: existing.id, named: existing.name),
                service: service.name
            ),
            renewsVolumes: options.renewsAnonymousVolumes
        )
        new.becomeSuccessor(in: succession)
        let made = made + (removedLeftovers[service.name] ?? []) + gate.after
        let created = plan.add(
            .init(
                .createContainer(new.wanted),
                because: reason,
                after: Array(OrderedSet(made)),
                behind: gate.behind
            )
        )
        var before = Array(OrderedSet([created] + conditions))
        before = try addPreStart(of: new, service, because: reason, after: before)
        if !update.startsFirst {
            before = [plan.addStop(existing, grace: options.grace, because: reason, after: before)]
        }
        var step = plan.add(
            .init(.tryContainer(succession, trial), because: reason, after: before)
        )
        if update.startsFirst {
            step = plan.add(.init(.leadNames(succession), because: reason, after: [step]))
            step = plan.addStop(existing, grace: options.grace, because: reason, after: [step])
        }
        return (succession, reason, step)
    }

    private mutating func end(
        _ begun: (succession: Succession, reason: String, step: Int),
        after: [Int]
    ) -> Int {
        let step = plan.add(
            .init(.succeed(begun.succession), because: begun.reason, after: after)
        )
        latest[begun.succession.old.name] = step
        return step
    }

    /// Why two containers of the service cannot run at the same time; nil where they can.
    private func obstacleToStartingFirst(_ service: Service, _ rolled: [Replica]) -> String? {
        let ports = rolled.compactMap(\.request).flatMap(\.spec.ports)
        for port in ports {
            guard let fixed = port.hostPort else { continue }
            guard let range = port.hostRange else {
                return "port \(fixed) of the host is published by one container only"
            }
            let count = replicas[service.name]?.count ?? 0
            if Int(range.last) - Int(range.first) < count {
                return "ports \(range.description) of the host are one for each container only"
            }
        }
        if service.networks.values.contains(where: { $0.macAddress != nil }) {
            return "mac_address is that of one container only"
        }
        let isAnonymous = rolled.contains { replica in
            replica.request?.spec.mounts.contains(where: \.isAnonymousVolume) ?? false
        }
        guard isAnonymous, !options.renewsAnonymousVolumes else { return nil }
        return "its anonymous volumes go from one to the next; -V gives it new ones"
    }

    /// Removes what an update has left that was killed.
    mutating func removeLeftovers(of service: Service) {
        for left in observed.containers where left.isSuccessor && left.service == service.name {
            let because = "\(service.name): left by an update that did not end"
            let removal = remove(left, because: because, withAnonymousVolumes: true)
            removedLeftovers[service.name, default: []].append(removal)
        }
    }
}

extension UpPlan.Replica {
    /// Is made with the name that it has until it replaces the other one, and with its volumes.
    fileprivate mutating func becomeSuccessor(in succession: Succession) {
        name = succession.successor.name
        request?.name = name
        request?.inheritsVolumesOf = succession.renewsVolumes ? nil : succession.old.id
    }
}

extension ServiceNetwork {
    fileprivate var hasFixedAddress: Bool { ipv4Address != nil || ipv6Address != nil }
}

extension MountSpec {
    fileprivate var isAnonymousVolume: Bool {
        if case .anonymousVolume = source { true } else { false }
    }
}
