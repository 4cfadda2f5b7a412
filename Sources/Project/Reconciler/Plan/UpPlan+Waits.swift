import Compose
import ContainerRuntime
import OrderedCollections

extension UpPlan {
    /// The waits for what a service depends on; the same wait serves all its dependents.
    mutating func addWaits(of service: Service, onlyForStarted: Bool = false) -> [Int] {
        var steps: [Int] = []
        for (name, dependency) in service.dependsOn where selection.services[name] != nil {
            for replica in replicas[name] ?? []
            where !onlyForStarted || (options.starts && latest[replica.draft.name] != nil) {
                let condition = Condition(dependency.condition)
                if let step = addWait(
                    for: replica,
                    until: condition,
                    required: dependency.required,
                    because: "\(service.name): depends_on \(name), \(dependency.condition.rawValue)"
                ) {
                    steps.append(step)
                }
            }
        }
        return steps
    }

    /// nil when the condition holds already.
    private mutating func addWait(
        for replica: Replica,
        until condition: Condition,
        required: Bool,
        because: String
    ) -> Int? {
        let name = replica.draft.name
        let started = latest[name]
        if let kept = replica.kept, started == nil, kept.meets(condition) { return nil }
        // A container that was just started runs: its start step says all.
        if condition == .running, required, let started { return started }
        let key = WaitKey(container: name, condition: condition, required: required)
        if let known = waits[key] { return known }
        let edges = started.map { [$0] } ?? []
        let step = plan.add(
            .init(
                .wait(replica.reference, until: condition, required: required),
                because: because,
                after: required ? edges : [],
                behind: required ? [] : edges
            )
        )
        waits[key] = step
        return step
    }

    /// `up --wait`. A job that somebody waits for is done when it has completed.
    mutating func addFinalWaits() {
        let jobs = Set(
            selection.services.values.flatMap { service in
                service.dependsOn.filter { $1.condition == .completedSuccessfully }.map(\.key)
            }
        )
        var last: [Int] = []
        var ready: [ContainerReference] = []
        for service in selection.services.values where selection.named.contains(service.name) {
            let condition = jobs.contains(service.name) ? Condition.completedSuccessfully : .ready
            for replica in replicas[service.name] ?? [] {
                if condition == .ready { ready.append(replica.reference) }
                let step = addWait(
                    for: replica,
                    until: condition,
                    required: true,
                    because: "\(service.name): --wait"
                )
                if let step { last.append(step) }
            }
        }
        plan.addLastLook(at: ready, after: last)
    }
}

extension Plan {
    /// Each is ready at its own time: whether all are is asked when the last one is.
    mutating func addLastLook(at containers: [ContainerReference], after waits: [Int]) {
        guard !waits.isEmpty, !containers.isEmpty, waits.count + containers.count > 2 else {
            return
        }
        _ = add(.init(.lookAgain(containers), because: "--wait", after: waits))
    }
}

extension Condition {
    init(_ condition: Dependency.Condition) {
        switch condition {
        case .started: self = .running
        case .healthy: self = .healthy
        case .completedSuccessfully: self = .completedSuccessfully
        }
    }
}

extension Observed.Container {
    /// Whether a condition holds already.
    func meets(_ condition: Condition) -> Bool {
        switch condition {
        case .running: state == .running
        case .healthy: state == .running && health == .healthy
        case .completedSuccessfully: state == .exited(code: 0)
        // Whether one without a check runs for long enough is the supervisor's to say.
        case .ready: state == .running && health == .healthy
        }
    }
}
