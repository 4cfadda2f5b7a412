import Compose
import ContainerRuntime
import OrderedCollections
import Supervisor

/// Containers that share namespaces: whose they are runs first and ends last. A container that is
/// started has new namespaces, and who shares the former ones has to be started again.
extension UpPlan {
    /// By service, the containers whose namespaces a service shares.
    func companions(of service: Service) throws(ReconcilerError) -> [String: String] {
        var names: [String: String] = [:]
        for name in service.sharedServices + service.mountingServices {
            if let first = replicas[name]?.first {
                names[name] = first.name
            } else if selection.services[name] != nil {
                throw ReconcilerError(
                    "service \"\(service.name)\"",
                    "needs the container of service \"\(name)\", which has none",
                    remedy: "scale \"\(name)\" to 1",
                    at: service.path(service.attributeSharing(name))
                )
            } else if let first = existing[name]?.first {
                names[name] = first.name
            } else {
                let attribute = service.attributeSharing(name)
                let what = Service.sharedThing(by: attribute)
                throw ReconcilerError(
                    "",
                    "cannot share \(what) with service \(name): container missing",
                    remedy: "`berth up \(name)` makes it, or leave out `--no-deps`",
                    at: service.path(attribute)
                )
            }
        }
        return names
    }

    /// The steps that make the containers whose mounts a service has: they are looked up when its own
    /// is made.
    func makersOfMounts(of service: Service) -> [Int] {
        service.mountingServices.compactMap { replicas[$0]?.first.flatMap { latest[$0.name] } }
    }

    /// Why a container has mounts of one that is not any more; nil when it has not.
    func reasonOfFormerMounts(of service: Service) -> String? {
        for name in service.mountingServices {
            guard let other = replicas[name]?.first, other.kept == nil else { continue }
            return "\(service.name): has the mounts of \(name), which is recreated"
        }
        return nil
    }

    /// `steps`, and those that start whose namespaces a service shares.
    func withCompanions(of service: Service, after steps: [Int]) -> [Int] {
        let names = service.sharedServices.compactMap { replicas[$0]?.first?.name }
        guard !names.isEmpty else { return steps }
        return Set(steps + names.compactMap { latest[$0] }).sorted()
    }

    /// Stops who shares the namespaces of a container that is about to be stopped, and gives the
    /// steps.
    mutating func haltSharers(of container: Observed.Container, after: [Int]) -> [Int] {
        var steps: [Int] = []
        let sharers = sharing.filter { $0.shares(container) && halted[$0.name] == nil }
        for sharer in sharers {
            let reason =
                "\(sharer.service): shares namespaces of \(container.service), which is recreated"
            let inner = haltSharers(of: sharer, after: after)
            let stop = plan.addStop(
                sharer,
                grace: options.grace,
                because: reason,
                after: after,
                behind: inner
            )
            var halt = Halt(container: sharer, stop: stop, because: reason)
            halt.companion = container.name
            halted[sharer.name] = halt
            steps.append(stop)
        }
        return steps
    }

    /// The steps after which one that was stopped can run again.
    func needs(of halt: Halt) -> [Int] {
        let companion = halt.companion.flatMap { latest[$0] }
        return Set(halt.makers + [companion].compactMap(\.self)).sorted()
    }

    /// Without whose namespaces it shares it cannot be started.
    func startsAgain(_ halt: Halt) -> Bool { options.starts || halt.companion == nil }

    /// Why a service that runs has to be started again for whom it shares namespaces with; nil when
    /// it has theirs still.
    func reasonOfFormerNamespaces(
        of service: Service,
        _ running: [Observed.Container]
    ) -> String? {
        for name in service.sharedServices {
            let start = "\(service.name): shares namespaces of \(name), which"
            if renewed.contains(name) { return "\(start) is started again" }
            guard let companion = replicas[name]?.first?.kept, companion.state == .running,
                let since = companion.startedAt,
                running.contains(where: { $0.startedAt.map { $0 < since } ?? false })
            else { continue }
            return "\(start) was started again since"
        }
        return nil
    }
}

extension Service {
    /// What an attribute shares, in docker compose's words.
    fileprivate static func sharedThing(by attribute: String) -> String {
        switch attribute {
        case "network_mode": "network namespace"
        case "pid": "PID namespace"
        case "ipc": "IPC namespace"
        case "uts": "UTS namespace"
        default: "volume"
        }
    }

    /// The attribute by which it shares the namespaces of another service.
    fileprivate func attributeSharing(_ name: String) -> String {
        if networkMode == .service(name) { return "network_mode" }
        if namespaces.pid == .service(name) { return "pid" }
        if namespaces.ipc == .service(name) { return "ipc" }
        return namespaces.uts == .service(name) ? "uts" : "volumes_from"
    }
}

extension Observed {
    /// Those that run in namespaces of others: of most projects none.
    var sharing: [Container] {
        containers.filter { container in
            if case .container = container.spec.network { return true }
            return container.spec.namespaces != nil
        }
    }

    /// Who shares namespaces of some containers, and whose, without those themselves.
    func sharers(
        of containers: [Container]
    ) -> [(container: Container, companion: String)] {
        let sharing = self.sharing
        guard !sharing.isEmpty else { return [] }
        var known = Set(containers.map(\.name))
        var open = containers
        var found: [(Container, String)] = []
        while let next = open.popLast() {
            for sharer in sharing where sharer.shares(next) {
                guard known.insert(sharer.name).inserted else { continue }
                found.append((sharer, next.name))
                open.append(sharer)
            }
        }
        return found
    }
}

extension Observed.Container {
    /// Whether it runs in namespaces of another one; a one-off container is nobody's to start again.
    func shares(_ other: Observed.Container) -> Bool {
        state.isAlive && !isOneOff && id != other.id
            && spec.sharedContainers.contains(other.name)
    }
}
