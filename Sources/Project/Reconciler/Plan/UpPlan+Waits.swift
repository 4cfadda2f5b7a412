import Compose
import OrderedCollections
import Supervisor

extension UpPlan {
    /// The waits for what a service depends on.
    mutating func addWaits(of service: Service, onlyForStarted: Bool = false) -> [Int] {
        var steps: [Int] = []
        for (name, dependency) in service.dependsOn where selection.services[name] != nil {
            for replica in replicas[name] ?? []
            where !onlyForStarted || (options.starts && latest[replica.name] != nil) {
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
