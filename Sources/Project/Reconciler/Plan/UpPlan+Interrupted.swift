import Compose
import ContainerRuntime
import Engine
import Supervisor

/// What a rolling update has left that was killed: beside an old container the new one that was to
/// replace it. The update goes on where it was, as long as what it made is still wanted; whatever
/// follows, the one of the two that serves is not stopped before another one does.
extension UpPlan {
    /// What becomes of the new one of two.
    enum Interrupted: Equatable {
        /// It is tried as if it had just been made, and then replaces the old one.
        case goesOn(Observed.Container)
        /// It takes the place of the old one, which does not run, at once.
        case tookOver(Observed.Container)
    }

    /// The new container that an update has left beside this one.
    private func successor(of container: Observed.Container) -> Observed.Container? {
        let name = ContainerRecord.nameOfSuccessor(of: container.id, named: container.name)
        let found = observed.containers.first { $0.isSuccessor && $0.name == name }
        // With a volume that is made again it goes.
        return found.flatMap { left in
            renewedVolumes.values.contains { $0.users.contains { $0.id == left.id } } ? nil : left
        }
    }

    /// Decides what becomes of the new one that an update has left beside a replica's container;
    /// nothing where it just goes.
    mutating func takeUp(_ replica: inout Replica, of service: Service, count: Int) {
        guard let reason = replica.replacement, let old = replica.existing,
            let left = successor(of: old), !left.isPaused
        else { return }
        var new = left
        new.name = old.name
        new.isSuccessor = false
        var obsolete = reasonToReplace(new, by: replica, of: service)
        if options.renewsAnonymousVolumes, left.spec.mounts.contains(where: \.isAnonymousVolume) {
            obsolete = obsolete ?? reason
        }
        if obsolete == nil, isUpdatedInTurn(service, count: count) {
            replica.interrupted = .goesOn(left)
            replica.replacement = "\(reason); goes on with an update that did not end"
        } else if left.state == .running, !old.state.isAlive {
            replica.interrupted = .tookOver(left)
            replica.succeeds = Succession(old: old.reference, successor: left.reference)
            replica.existing = new
            replica.republishing = reasonToRepublish(new, by: replica, insteadOf: obsolete)
            replica.replacement = replica.republishing == nil ? obsolete : nil
        }
    }

    /// Lets new ones take over that are to do so at once, and removes those that are not gone on with.
    /// - Returns: those that are removed once the old one is ready, which this plan starts.
    mutating func settleInterrupted(
        of service: Service,
        rolled: [Replica]
    ) -> [(left: Observed.Container, old: Observed.Container)] {
        var staying = Set(rolled.compactMap(\.successor?.id))
        for replica in replicas[service.name] ?? [] {
            guard case .tookOver(let left) = replica.interrupted,
                let succession = replica.succeeds
            else { continue }
            staying.insert(left.id)
            let because = "\(service.name): took over in an update that did not end"
            let step = plan.add(.init(.succeed(succession), because: because))
            leftoverSteps[service.name, default: []].append(step)
            guard var halt = halted.removeValue(forKey: left.name) else { continue }
            halt.container.name = replica.name
            halted[replica.name] = halt
        }
        var later: [(Observed.Container, Observed.Container)] = []
        for left in observed.containers
        where left.isSuccessor && left.service == service.name && !staying.contains(left.id)
            && removedUsers[left.id] == nil
        {
            let old = predecessor(of: left)
            if let old, left.serves, startsBeside(old, of: service) {
                later.append((left, old))
            } else {
                let step = removeLeftover(left, insteadOf: old)
                leftoverSteps[service.name, default: []].append(step)
            }
        }
        return later
    }

    /// Removes new ones whose old ones are kept, and started by now: names lead to those first.
    mutating func removeAfterStart(
        _ later: [(left: Observed.Container, old: Observed.Container)]
    ) {
        for (left, old) in later {
            let ready = latest[old.name].map { start in
                plan.add(
                    .init(
                        .wait(old.reference, until: .ready, required: false),
                        because: because(left),
                        behind: [start]
                    )
                )
            }
            _ = removeLeftover(left, insteadOf: old, after: ready.map { [$0] } ?? [])
        }
    }

    /// Whether an old container is kept and started, and can run beside the new one.
    private func startsBeside(_ old: Observed.Container, of service: Service) -> Bool {
        guard options.starts, !old.state.isAlive,
            let replica = (replicas[service.name] ?? []).first(where: { $0.kept?.id == old.id })
        else { return false }
        return halted[old.name] == nil && obstacleToStartingFirst(service, [replica]) == nil
    }

    /// Names that lead to the one that is removed lead to the other one before, where that runs.
    private mutating func removeLeftover(
        _ left: Observed.Container,
        insteadOf old: Observed.Container?,
        after: [Int] = []
    ) -> Int {
        var after = after
        let isStarted = !after.isEmpty
        if let old, left.serves, halted[left.name] == nil, halted[old.name] == nil,
            isStarted || old.serves
        {
            let back = Succession(old: left.reference, successor: old.reference)
            after = [plan.add(.init(.leadNames(back), because: because(left), after: after))]
        }
        return remove(
            left,
            because: because(left),
            withAnonymousVolumes: true,
            after: after
        )
    }

    private func because(_ left: Observed.Container) -> String {
        "\(left.service): left by an update that did not end"
    }

    private func predecessor(of left: Observed.Container) -> Observed.Container? {
        observed.containers.first {
            ContainerRecord.nameOfSuccessor(of: $0.id, named: $0.name) == left.name
        }
    }
}

extension UpPlan.Replica {
    /// The new container that an update has left and that is gone on with.
    var successor: Observed.Container? {
        if case .goesOn(let left) = interrupted { left } else { nil }
    }
}

extension Observed.Container {
    /// Whether somebody who asks for its service may be led to it.
    fileprivate var serves: Bool { state == .running && !isPaused }
}
