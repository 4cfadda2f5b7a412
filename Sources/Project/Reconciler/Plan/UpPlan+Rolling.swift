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
        guard isUpdatedInTurn(service, count: all.count) else { return [] }
        return all.filter { replica in
            guard let existing = replica.existing, replica.replacement != nil else { return false }
            let both = [existing] + (replica.successor.map { [$0] } ?? [])
            return (existing.state == .running || both.count > 1) && !existing.isPaused
                && existing.name == replica.name
                && !both.contains { one in
                    halted[one.name] != nil || sharing.contains { $0.shares(one) }
                }
        }
    }

    /// Whether the containers of a service that has so many are replaced some at a time.
    func isUpdatedInTurn(_ service: Service, count: Int) -> Bool {
        options.starts && oneOff?.service != service.name
            && (service.deploy?.updateConfig != nil || count > 1)
            && !service.networks.values.contains(where: \.hasFixedAddress)
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
        let succession = Succession(
            old: existing.reference,
            successor: replica.successor?.reference
                ?? ContainerReference(
                    name: ContainerRecord.nameOfSuccessor(of: existing.id, named: existing.name),
                    service: service.name
                ),
            renewsVolumes: options.renewsAnonymousVolumes && replica.successor == nil
        )
        var before = try prepare(
            replica,
            for: succession,
            of: service,
            because: reason,
            after: Array(
                OrderedSet(made + (leftoverSteps[service.name] ?? []) + gate.after)
            ),
            behind: gate.behind,
            conditions: conditions
        )
        let runs = existing.state.isAlive
        // Otherwise creating it waits for that.
        let behind = replica.successor == nil ? [] : gate.behind
        if !update.startsFirst, runs {
            before = [
                plan.addStop(
                    existing,
                    grace: options.grace,
                    because: reason,
                    after: before,
                    behind: behind
                )
            ]
        }
        var step = plan.add(
            .init(
                .tryContainer(succession, trial),
                because: reason,
                after: before,
                behind: behind
            )
        )
        if update.startsFirst, runs {
            step = plan.add(.init(.leadNames(succession), because: reason, after: [step]))
            step = plan.addStop(existing, grace: options.grace, because: reason, after: [step])
        }
        return (succession, reason, step)
    }

    /// Makes the new one, and runs what has to end before it starts; of one that a killed update has
    /// left, only what is still to be done.
    private mutating func prepare(
        _ replica: Replica,
        for succession: Succession,
        of service: Service,
        because: String,
        after made: [Int],
        behind: [Int],
        conditions: [Int]
    ) throws(ReconcilerError) -> [Int] {
        var new = replica
        new.existing = nil
        new.replacement = nil
        new.becomeSuccessor(in: succession)
        if let left = replica.successor {
            let before = Array(OrderedSet(made + conditions))
            guard !left.state.staysUp else { return before }
            return try addPreStart(of: new, service, because: because, after: before)
        }
        let created = plan.add(
            .init(.createContainer(new.wanted), because: because, after: made, behind: behind)
        )
        let before = Array(OrderedSet([created] + conditions))
        return try addPreStart(of: new, service, because: because, after: before)
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
    func obstacleToStartingFirst(_ service: Service, _ rolled: [Replica]) -> String? {
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
    var isAnonymousVolume: Bool {
        if case .anonymousVolume = source { true } else { false }
    }
}
