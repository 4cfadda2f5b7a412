import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor

extension UpPlan {
    /// The waits for what a service depends on. `onlyForStarted`: for what this plan starts, and for
    /// what an earlier command has started and did not see the end of, since it was killed.
    mutating func addWaits(of service: Service, onlyForStarted: Bool = false) -> [Int] {
        var steps: [Int] = []
        for (name, dependency) in service.dependsOn where selection.services[name] != nil {
            for replica in replicas[name] ?? []
            where !onlyForStarted
                || (options.starts
                    && (latest[replica.name] != nil || isUnderWay(replica, dependency.condition)))
            {
                let step = waits.add(
                    for: target(replica),
                    until: WaitCondition(dependency.condition),
                    required: dependency.required,
                    because:
                        "\(service.name): depends_on \(name), \(dependency.condition.rawValue)",
                    to: &plan
                )
                if let step { steps.append(step) }
            }
        }
        return steps
    }

    /// A job that runs, or a container whose check has not said anything since its start.
    private func isUnderWay(_ replica: Replica, _ condition: Dependency.Condition) -> Bool {
        guard let kept = replica.kept, halted[kept.name] == nil, !kept.isPaused else {
            return false
        }
        return switch condition {
        case .started: false
        case .healthy: kept.state == .running && kept.health == .starting
        case .completedSuccessfully: kept.state.staysUp
        }
    }

    /// The waits until something is healthy that has no health check, in the file or in its image.
    func waitsInVain() -> [ReconcilerError.Problem] {
        let waits = plan.healthWaits
        guard !waits.isEmpty else { return [] }
        return selection.services.values.flatMap { service in
            service.dependsOn.compactMap { name, dependency in
                guard dependency.condition == .healthy, dependency.required else { return nil }
                let unchecked = (replicas[name] ?? []).filter { replica in
                    let spec = replica.kept?.spec ?? replica.request?.spec
                    return spec != nil && spec?.healthcheck == nil
                }
                guard unchecked.contains(where: { waits.contains($0.name) }) else { return nil }
                return ReconcilerError.Problem(unchecked: name, of: service.name)
            }
        }
    }

    /// `up --wait`.
    mutating func addFinalWaits() {
        let named = selection.services.values.filter { selection.named.contains($0.name) }
        waits.addFinal(
            for: named.flatMap { (replicas[$0.name] ?? []).map(target) },
            jobs: selection.services.values.jobs,
            to: &plan
        )
    }

    private func target(_ replica: Replica) -> PlanWaits.Target {
        PlanWaits.Target(
            reference: replica.reference,
            now: replica.kept,
            step: latest[replica.name]
        )
    }
}
