import Compose
import ContainerRuntime
import Supervisor

/// The waits of a plan, for `up` and `start`: the same wait serves all that come after it.
struct PlanWaits {
    private struct Key: Hashable {
        var container: String
        var condition: WaitCondition
        var required: Bool
    }

    private var steps: [Key: Int] = [:]

    /// A container that is waited for.
    struct Target {
        var reference: ContainerReference
        /// As it is, where the plan leaves it so; nil for one that the plan makes or replaces.
        var now: Observed.Container?
        /// The last step of the plan that concerns it: starting it, or making it.
        var step: Int?
    }

    /// The step that a dependent has to come after, added to the plan if it is not there; nil
    /// when the condition holds already.
    mutating func add(
        for target: Target,
        until condition: WaitCondition,
        required: Bool,
        because: String,
        to plan: inout Plan
    ) -> Int? {
        if target.step == nil, target.now?.meets(condition) == true { return nil }
        // A container that was just started runs: its start step says all.
        if condition == .running, required, let step = target.step { return step }
        let key = Key(container: target.reference.name, condition: condition, required: required)
        if let known = steps[key] { return known }
        let edges = target.step.map { [$0] } ?? []
        let step = plan.add(
            .init(
                .wait(target.reference, until: condition, required: required),
                because: because,
                after: required ? edges : [],
                behind: required ? [] : edges
            )
        )
        steps[key] = step
        return step
    }

    /// Those of `--wait`. A job that somebody waits for is done when it has completed; all others
    /// are ready each at its own time, and whether all are is asked when the last one is.
    mutating func addFinal(for targets: [Target], jobs: Set<String>, to plan: inout Plan) {
        var last: [Int] = []
        var ready: [ContainerReference] = []
        for target in targets {
            let service = target.reference.service
            let condition = jobs.contains(service) ? WaitCondition.gone : .ready
            if condition == .ready { ready.append(target.reference) }
            let step = add(
                for: target,
                until: condition,
                required: true,
                because: "\(service): --wait",
                to: &plan
            )
            if let step { last.append(step) }
        }
        guard !last.isEmpty, !ready.isEmpty, last.count + ready.count > 2 else { return }
        _ = plan.add(.init(.lookAgain(ready), because: "--wait", after: last))
    }
}

extension WaitCondition {
    /// What the file's word asks for.
    init(_ condition: Dependency.Condition) {
        switch condition {
        case .started: self = .running
        case .healthy: self = .healthy
        case .completedSuccessfully: self = .gone
        }
    }
}

extension Collection<Service> {
    /// The services that another one of them waits for to complete.
    var jobs: Set<String> {
        Set(
            flatMap { service in
                service.dependsOn.filter { $1.condition == .completedSuccessfully }.map(\.key)
            }
        )
    }
}

extension Observed.Container {
    /// Whether a condition holds already. Whether one without a health check has run for long enough
    /// to be ready is the supervisor's to say.
    func meets(_ condition: WaitCondition) -> Bool {
        var evidence = WaitEvidence()
        evidence.hasHealthcheck = spec.healthcheck != nil
        evidence.health = health
        return condition.outcome(in: state, by: evidence)?.satisfies(condition) == true
    }
}

extension Plan {
    /// Names of the containers that have to be healthy before something else is begun.
    var healthWaits: Set<String> {
        Set(
            steps.compactMap { step in
                guard case .wait(let container, .healthy, required: true) = step.operation else {
                    return nil
                }
                return container.name
            }
        )
    }
}

extension ReconcilerError.Problem {
    /// `condition: service_healthy` of what has no health check.
    init(unchecked dependency: String, of service: String) {
        self.init(
            "service \"\(service)\"",
            "depends on \"\(dependency)\" being healthy, which has no healthcheck, in the file "
                + "or in its image",
            remedy: "give it a healthcheck, or wait for `condition: service_started`",
            at: "services.\(service).depends_on.\(dependency).condition"
        )
    }
}
