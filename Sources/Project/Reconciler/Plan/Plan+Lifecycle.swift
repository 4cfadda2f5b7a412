package import Compose
import ContainerRuntime
import OrderedCollections
import Supervisor

extension Plan {
    /// `stop`: ends what runs, dependents first; records, networks and addresses stay.
    /// No `services` is all that the profiles enable.
    package static func stop(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        grace: Duration? = nil
    ) -> Plan {
        var plan = Plan()
        let extent = Extent(of: services, in: project)
        let containers = observed.containers.filter { $0.isOf(extent) }
        _ = plan.addStops(
            of: containers,
            order: StopOrder(observed.containers, project: project),
            grace: grace,
            because: "stop"
        )
        return plan
    }

    /// `start`: starts the containers there are, in the order of their dependencies and with their
    /// conditions, what the named services depend on first; makes none.
    /// - Throws: when a named service, or one that it requires, has no container, and when there is
    ///   none at all.
    package static func start(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        waits: Bool = false
    ) throws(ReconcilerError) -> Plan {
        var builder = StartPlan(project: project, observed: observed)
        let named = try builder.withDependencies(services)
        let containers = try observed.existing(named, in: project).filter(\.isReplica)
        guard !containers.isEmpty || project?.services.values.allSatisfy({ $0.scale == 0 }) == true
        else {
            throw ReconcilerError(
                "",
                "no service has a container to start",
                remedy: "`berth up` makes them"
            )
        }
        let paused = containers.filter(\.isPaused).map(ReconcilerError.Problem.init(paused:))
        guard paused.isEmpty else { throw ReconcilerError(paused) }
        for container in builder.order.startSorted(containers) {
            switch container.state {
            case .created, .stopping, .exited: builder.add(container)
            case .restarting: builder.leaveRestarting(container)
            case .starting, .running: break
            }
        }
        builder.addRestarts(of: observed)
        if waits { builder.addFinalWaits(of: services) }
        let vain = builder.waitsInVain()
        guard vain.isEmpty else { throw ReconcilerError(vain) }
        return builder.plan
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
        var containers = try observed.existing(services, in: project)
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
        if withDependents { containers += observed.sharers(of: containers).map(\.container) }
        let restarted = Set(containers.map(\.name))
        return restart(
            containers,
            sharers: observed.sharing.filter { sharer in
                restarted.contains(sharer.name) && containers.contains { sharer.shares($0) }
            },
            order: StopOrder(observed.containers, project: project),
            grace: grace
        )
    }

    /// Who shares the namespaces of another one of them is stopped before it and started after it.
    private static func restart(
        _ containers: [Observed.Container],
        sharers: [Observed.Container],
        order: StopOrder,
        grace: Duration?
    ) -> Plan {
        var plan = Plan()
        let stops = plan.addStops(of: sharers, order: order, grace: grace, because: "restart")
        var steps: [String: [Int]] = [:]
        for container in order.startSorted(containers) {
            let after = order.dependencies(of: container.service).flatMap { steps[$0] ?? [] }
            let shared = sharers.filter { $0.shares(container) }.compactMap { stops[$0.name] }
            let step: Int
            if let stop = stops[container.name] {
                step = plan.addStart(
                    container.reference,
                    hooks: container.spec.hooks,
                    because: "restart",
                    after: Set(after + shared + [stop]).sorted()
                )
            } else {
                step = plan.addRestart(
                    container,
                    grace: grace,
                    because: "restart",
                    after: Set(after).sorted(),
                    behind: shared.sorted()
                )
            }
            steps[container.service, default: []].append(step)
        }
        return plan
    }
}

/// Puts a `start` together, container by container, dependencies first.
private struct StartPlan {
    let project: Project?
    let order: StopOrder
    private let existing: [String: [Observed.Container]]
    private(set) var plan = Plan()
    /// The containers that are started and their steps, in the order of the plan.
    private var starts: OrderedDictionary<ContainerReference, Int> = [:]
    private var waits = PlanWaits()

    init(project: Project?, observed: Observed) {
        self.project = project
        order = StopOrder(observed.containers, project: project)
        existing = Dictionary(grouping: observed.containers.filter(\.isReplica), by: \.service)
    }

    mutating func add(_ container: Observed.Container) {
        let after = conditions(of: container.service)
        starts[container.reference] = plan.addStart(
            container.reference,
            hooks: container.spec.hooks,
            because: "start",
            after: after
        )
    }

    /// As that of an `up`, by what the containers were made with.
    func waitsInVain() -> [ReconcilerError.Problem] {
        let waits = plan.healthWaits
        guard !waits.isEmpty else { return [] }
        return (project?.services ?? [:]).values.flatMap { service in
            service.dependsOn.compactMap { name, dependency in
                guard dependency.condition == .healthy, dependency.required else { return nil }
                let unchecked = (existing[name] ?? []).filter { $0.spec.healthcheck == nil }
                guard starts.keys.contains(where: { $0.service == service.name }),
                    unchecked.contains(where: { waits.contains($0.name) })
                else { return nil }
                return ReconcilerError.Problem(unchecked: name, of: service.name)
            }
        }
    }

    mutating func leaveRestarting(_ container: Observed.Container) {
        plan.restarting.append(container.reference)
    }

    /// Who shares the former namespaces of what is started, and runs.
    mutating func addRestarts(of observed: Observed) {
        let started = observed.containers.filter { starts[$0.reference] != nil }
        for (sharer, companion) in observed.sharers(of: started) where sharer.state.staysUp {
            let after = starts.filter { $0.key.name == companion }.map(\.value)
            starts[sharer.reference] = plan.addRestart(
                sharer,
                grace: nil,
                because:
                    "\(sharer.service): shares namespaces of \(companion), which is started again",
                after: after
            )
        }
    }

    /// The named services and what they depend on, by the file or else by the containers' labels;
    /// what is not required and has no container is left out. None is all.
    func withDependencies(_ services: [String]) throws(ReconcilerError) -> [String] {
        var all: [String] = []
        var open = services
        while let name = open.popLast() {
            guard !all.contains(name) else { continue }
            all.append(name)
            let dependencies = project?.services[name]?.dependsOn
            for need in dependencies.map({ Array($0.keys) }) ?? order.dependencies(of: name) {
                if existing[need] != nil { open.append(need); continue }
                // Only a file says what is not required, or has no container on purpose.
                let isNeeded =
                    dependencies?[need]?.required == true && project?.services[need]?.scale != 0
                guard isNeeded, !services.contains(need) else { continue }
                throw ReconcilerError(
                    "service \"\(name)\"",
                    "depends on \"\(need)\", which has no container",
                    remedy: "`berth up` makes one"
                )
            }
        }
        return all
    }

    mutating func addFinalWaits(of services: [String]) {
        let named = starts.filter { services.isEmpty || services.contains($0.key.service) }
        waits.addFinal(
            for: named.map { PlanWaits.Target(reference: $0.key, step: $0.value) },
            jobs: project?.services.values.jobs ?? [],
            to: &plan
        )
    }

    /// What a container of the service comes after: the conditions of the file, or only the order
    /// of the labels without one.
    private mutating func conditions(of service: String) -> [Int] {
        guard let dependencies = project?.services[service]?.dependsOn else {
            return order.dependencies(of: service).flatMap { name in
                (existing[name] ?? []).compactMap { starts[$0.reference] }
            }.sorted()
        }
        var steps: [Int] = []
        for (name, dependency) in dependencies {
            for other in existing[name] ?? [] {
                let step = waits.add(
                    for: PlanWaits.Target(
                        reference: other.reference,
                        now: other,
                        step: starts[other.reference]
                    ),
                    until: WaitCondition(dependency.condition),
                    required: dependency.required,
                    because: "\(service): depends_on \(name), \(dependency.condition.rawValue)",
                    to: &plan
                )
                if let step { steps.append(step) }
            }
        }
        return steps.sorted()
    }
}

extension Observed {
    /// The containers of the named services, or of all that the profiles enable.
    fileprivate func existing(
        _ services: [String],
        in project: Project?
    ) throws(ReconcilerError) -> [Container] {
        let problems = services.filter { name in
            // A program that provides one has none.
            project?.providers[name] == nil
                && !containers.contains { $0.service == name && !$0.isOneOff }
        }.map { name in
            ReconcilerError.Problem(
                "service \"\(name)\"",
                "has no container",
                remedy: "`berth up` makes one"
            )
        }
        guard problems.isEmpty else { throw ReconcilerError(problems) }
        let extent = Extent(of: services, in: project)
        return containers.filter { $0.isOf(extent) }
    }
}

extension Observed.Container {
    /// It counts as one of its service's containers.
    var isReplica: Bool { !isOneOff && !isSuccessor }

    fileprivate func isOf(_ extent: Extent) -> Bool { !isOneOff && extent.contains(service) }
}
