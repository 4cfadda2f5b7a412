package import Compose
import ContainerRuntime
import OrderedCollections
import Supervisor

/// The wishes of a `down`. Images (`--rmi`) are the command line's affair.
package struct DownOptions: Equatable, Sendable {
    /// Empty is the whole project, with its networks.
    package var services: [String] = []
    /// `-v`: the volumes that the file declares, all of the project without a file, and the
    /// anonymous ones of its containers.
    package var removesVolumes = false
    /// `--adopt`: volumes go also where another folder made the project under the same derived name.
    package var adopts = false
    package var removesOrphans = false
    /// What is wrong in the file: a network or volume whose declaration is wrong stays, since it
    /// may be meant to be another one, or an external one.
    package var setAside = SetAside()
    /// `-t`.
    package var grace: Duration?

    package init() {}
}

extension Plan {
    /// Stops and removes what there is of a project, dependents before what they depend on. Works
    /// from what is observed, so that no file is needed; with one, it says what is an orphan.
    ///
    /// One thing that cannot be removed keeps no other from being removed.
    package static func down(
        _ project: Project?,
        named name: String,
        observed: Observed,
        options: DownOptions = DownOptions()
    ) -> Plan {
        var plan = Plan()
        let extent = Extent(of: options.services, in: project)
        let containers = plan.containersToRemove(project, observed, extent, options)
        let removals = plan.addRemovals(
            of: containers,
            order: StopOrder(observed.containers, project: project),
            options: options
        )
        let resources = plan.resourcesToRemove(project, named: name, observed, extent, options)
        for network in resources.networks {
            _ = plan.add(Step(.removeNetwork(name: network), because: "down", behind: removals))
        }
        for volume in resources.volumes {
            _ = plan.add(Step(.removeVolume(name: volume), because: "down -v", behind: removals))
        }
        return plan
    }

    /// Those of the extent, orphans as the options say; warns of those that stay.
    private mutating func containersToRemove(
        _ project: Project?,
        _ observed: Observed,
        _ extent: Extent,
        _ options: DownOptions
    ) -> [Observed.Container] {
        guard let project, options.services.isEmpty else {
            return observed.containers.filter { extent.contains($0.service) }
        }
        var orphans: [String] = []
        var disabled: [Observed.Container] = []
        let containers = observed.containers.filter { container in
            let isDisabled = project.disabledServices[container.service] != nil
            let isKnown = project.services[container.service] != nil || isDisabled
            guard isKnown, !container.isOneOff || container.isOfHook else {
                if !options.removesOrphans { orphans.append(container.name) }
                return options.removesOrphans
            }
            if isDisabled { disabled.append(container) }
            return !isDisabled
        }
        if !orphans.isEmpty {
            warnings.append(
                "containers of no service of the file stay: \(orphans.joined(separator: ", ")); "
                    + "--remove-orphans removes them"
            )
        }
        if !disabled.isEmpty {
            let profiles = disabled.compactMap {
                project.disabledServices[$0.service]?.profiles.first
            }
            warnings.append(
                "containers of services that no profile enables stay: "
                    + "\(disabled.map(\.name).joined(separator: ", ")); "
                    + Set(profiles).sorted().map { "--profile \($0)" }.joined(separator: " ")
                    + " before the command means them, too"
            )
        }
        return containers
    }

    /// The indices of the removing steps.
    private mutating func addRemovals(
        of containers: [Observed.Container],
        order: StopOrder,
        options: DownOptions
    ) -> [Int] {
        let stops = addStops(of: containers, order: order, grace: options.grace, because: "down")
        return containers.sorted { $0.name < $1.name }.map { container in
            add(
                Step(
                    .removeContainer(
                        container.reference,
                        withAnonymousVolumes: options.removesVolumes
                    ),
                    because: "down",
                    after: stops[container.name].map { [$0] } ?? []
                )
            )
        }
    }

    /// Stops those that run, each behind the containers of its dependents; gives the steps by name.
    mutating func addStops(
        of containers: [Observed.Container],
        order: StopOrder,
        grace: Duration?,
        because: String
    ) -> [String: Int] {
        var stops: [String: Int] = [:]
        var byService: [String: [Int]] = [:]
        for container in order.sorted(containers) where container.state.isAlive {
            let behind = order.dependents(of: container.service).flatMap { byService[$0] ?? [] }
            let step = addStop(
                container,
                grace: grace,
                because: because,
                behind: behind.sorted()
            )
            stops[container.name] = step
            byService[container.service, default: []].append(step)
        }
        return stops
    }
}

/// Which services go before which when a project stops: the reverse of its dependencies, from the
/// file where there is one and from the containers' labels otherwise.
struct StopOrder {
    private var dependencies: [String: [String]] = [:]
    private var dependents: [String: [String]] = [:]
    private var ranks: [String: Int] = [:]

    init(_ containers: [Observed.Container], project: Project?) {
        for container in containers {
            dependencies[container.service, default: []] += container.dependencies
        }
        // A file that says nothing of it may be one that was changed, or is wrong there.
        for (name, service) in project?.services ?? [:] where !service.dependsOn.isEmpty {
            dependencies[name] = Array(service.dependsOn.keys)
        }
        for (name, needs) in dependencies {
            for need in Set(needs) { dependents[need, default: []].append(name) }
        }
        rank()
    }

    /// Services that depend on this one directly.
    func dependents(of service: String) -> [String] {
        (dependents[service] ?? []).sorted()
    }

    /// Services that this one depends on directly.
    func dependencies(of service: String) -> [String] { dependencies[service] ?? [] }

    /// Dependents before what they depend on; else by name and number.
    func sorted(_ containers: [Observed.Container]) -> [Observed.Container] {
        containers.sorted { left, right in
            let ranks = (ranks[left.service] ?? 0, ranks[right.service] ?? 0)
            guard ranks.0 == ranks.1 else { return ranks.0 > ranks.1 }
            return (left.service, left.number, left.name)
                < (right.service, right.number, right.name)
        }
    }

    /// Dependencies before what depends on them; else by name and number.
    func startSorted(_ containers: [Observed.Container]) -> [Observed.Container] {
        containers.sorted { left, right in
            (ranks[left.service] ?? 0, left.service, left.number, left.name)
                < (ranks[right.service] ?? 0, right.service, right.number, right.name)
        }
    }

    /// Each service's rank is the length of the longest way to one without dependencies. Labels of
    /// different ages may form a circle: it is cut where it closes.
    private mutating func rank() {
        let dependencies = dependencies
        var ranks: [String: Int] = [:]
        var walk = DepthFirst<String>()
        for name in dependencies.keys {
            walk.walk(
                from: name,
                needs: { dependencies[$0] ?? [] },
                circle: { _, _ in },
                leave: { name in
                    ranks[name] = dependencies[name]?.map { (ranks[$0] ?? 0) + 1 }.max() ?? 0
                }
            )
        }
        self.ranks = ranks
    }
}
