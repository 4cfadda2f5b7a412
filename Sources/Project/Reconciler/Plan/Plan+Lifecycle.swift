package import Compose
import ContainerRuntime
import OrderedCollections

extension Plan {
    /// `stop`: ends what runs, dependents first; records, networks and addresses stay.
    /// No `services` is all of them.
    package static func stop(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        grace: Duration? = nil
    ) -> Plan {
        var plan = Plan()
        let containers = observed.containers.filter { $0.isOf(services) }
        _ = plan.addStops(
            of: containers,
            order: StopOrder(observed.containers, project: project),
            grace: grace,
            because: "stop"
        )
        return plan
    }

    /// `start`: starts the containers there are, in the order of their dependencies and with their
    /// conditions; makes none.
    /// - Throws: when a named service has no container.
    package static func start(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        waits: Bool = false
    ) throws(ReconcilerError) -> Plan {
        let containers = try observed.existing(services)
        var plan = Plan()
        let order = StopOrder(observed.containers, project: project)
        var starts: [String: [(Observed.Container, Int)]] = [:]
        for container in order.sorted(containers).reversed() where !container.state.isAlive {
            let needs = plan.conditions(
                of: container,
                project: project,
                order: order,
                observed: observed,
                starts: starts
            )
            let step = plan.add(
                Step(.startContainer(container.reference), because: "start", after: needs.sorted())
            )
            starts[container.service, default: []].append((container, step))
        }
        guard waits else { return plan }
        for (container, step) in starts.values.flatMap({ $0 }).sorted(by: { $0.1 < $1.1 }) {
            _ = plan.add(
                Step(
                    .wait(container.reference, until: .ready, required: true),
                    because: "--wait",
                    after: [step]
                )
            )
        }
        return plan
    }

    /// `restart`: stops and starts the containers there are, dependencies first, and the dependents
    /// that asked for it with `depends_on.restart`.
    /// - Throws: when a named service has no container.
    package static func restart(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        withDependents: Bool = true,
        grace: Duration? = nil
    ) throws(ReconcilerError) -> Plan {
        var containers = try observed.existing(services)
        if withDependents, !services.isEmpty {
            let named = Set(services)
            let followers = (project?.services ?? [:]).values.filter { service in
                service.dependsOn.contains { named.contains($0.key) && $0.value.restart }
            }.map(\.name)
            containers += observed.containers.filter { container in
                !named.contains(container.service) && followers.contains(container.service)
                    && !container.isOneOff && container.state.isAlive
            }
        }
        var plan = Plan()
        let order = StopOrder(observed.containers, project: project)
        var steps: [String: [Int]] = [:]
        for container in order.sorted(containers).reversed() {
            let after = order.dependencies(of: container.service).flatMap { steps[$0] ?? [] }
            let step = plan.add(
                Step(
                    .restartContainer(container.reference, grace: grace),
                    because: "restart",
                    after: after.sorted()
                )
            )
            steps[container.service, default: []].append(step)
        }
        return plan
    }

    /// What a container that is to be started comes after.
    private mutating func conditions(
        of container: Observed.Container,
        project: Project?,
        order: StopOrder,
        observed: Observed,
        starts: [String: [(Observed.Container, Int)]]
    ) -> [Int] {
        guard let dependencies = project?.services[container.service]?.dependsOn else {
            return order.dependencies(of: container.service).flatMap { name in
                (starts[name] ?? []).map(\.1)
            }
        }
        var needs: [Int] = []
        for (name, dependency) in dependencies {
            let condition = Condition(dependency.condition)
            for other in observed.containers where other.service == name && !other.isOneOff {
                let started = (starts[name] ?? []).first { $0.0.id == other.id }?.1
                if condition == .running || (started == nil && other.meets(condition)) {
                    if let started { needs.append(started) }
                    continue
                }
                let wait = Operation.wait(
                    other.reference,
                    until: condition,
                    required: dependency.required
                )
                let edges = started.map { [$0] } ?? []
                let known = steps.firstIndex { $0.operation == wait }
                needs.append(
                    known
                        ?? add(
                            Step(
                                wait,
                                because: "\(container.service): depends_on \(name), "
                                    + dependency.condition.rawValue,
                                after: dependency.required ? edges : [],
                                behind: dependency.required ? [] : edges
                            )
                        )
                )
            }
        }
        return needs
    }
}

extension Observed {
    /// The containers of the named services, or all.
    fileprivate func existing(_ services: [String]) throws(ReconcilerError) -> [Container] {
        let problems = services.filter { name in
            !containers.contains { $0.service == name && !$0.isOneOff }
        }.map { name in
            ReconcilerError.Problem(
                "service \"\(name)\"",
                "has no container",
                remedy: "`berth up` makes one"
            )
        }
        guard problems.isEmpty else { throw ReconcilerError(problems) }
        return containers.filter { $0.isOf(services) }
    }
}

extension Observed.Container {
    fileprivate func isOf(_ services: [String]) -> Bool {
        !isOneOff && (services.isEmpty || services.contains(service))
    }
}
