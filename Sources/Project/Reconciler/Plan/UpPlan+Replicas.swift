import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections

extension UpPlan {
    /// Decides every replica and finds every problem, so that nothing is begun that cannot end well.
    mutating func prepare() throws(ReconcilerError) {
        var problems: [ReconcilerError.Problem] = []
        for service in selection.services.values {
            do throws(ReconcilerError) {
                try decideReplicas(of: service)
            } catch {
                problems += error.problems
            }
        }
        problems += pausedReplicas() + missingExternals() + choosePorts()
        problems += addressConflicts() + nameConflicts() + vainStartIntervals()
        guard problems.isEmpty else { throw ReconcilerError(problems) }
    }

    private mutating func decideReplicas(of service: Service) throws(ReconcilerError) {
        if let oneOff, oneOff.service == service.name {
            let given = try GivenFiles(of: service, in: project, files: files)
            replicas[service.name] = [try replica(of: service, given, number: 0)]
            return
        }
        let wanted = options.scale[service.name] ?? service.scale
        guard wanted >= 0 else {
            throw ReconcilerError("service \"\(service.name)\"", "cannot scale to \(wanted)")
        }
        guard wanted <= Service.maximumScale else {
            throw ReconcilerError(
                "service \"\(service.name)\"",
                "cannot scale to \(wanted): a network of Linux connects no more than "
                    + "\(Service.maximumScale)"
            )
        }
        if service.containerName != nil, wanted > 1 {
            var problem = ReconcilerError.Problem(
                "service \"\(service.name)\"",
                "cannot have \(wanted) containers of one name",
                remedy: "remove `container_name` to scale it"
            )
            problem.path = "services.\(service.name).container_name"
            throw ReconcilerError([problem])
        }
        let existing = existing[service.name] ?? []
        var list: [Replica] = []
        let given = try GivenFiles(of: service, in: project, files: files)
        for container in existing {
            var replica = try replica(of: service, given, number: container.number, now: container)
            let reason = reasonToReplace(container, by: replica, of: service)
            replica.republishing = reasonToRepublish(container, by: replica, insteadOf: reason)
            replica.replacement = replica.republishing == nil ? reason : nil
            list.append(replica)
        }
        // As docker compose: those that would be recreated go first, then the highest numbers.
        let tooMany = list.count - wanted
        if tooMany > 0 {
            let leaving = list.indices.sorted { left, right in
                let isObsolete = (list[left].kept == nil, list[right].kept == nil)
                return isObsolete.0 == isObsolete.1 ? left > right : isObsolete.0
            }.prefix(tooMany).sorted()
            excess[service.name] = leaving.map { existing[$0] }
            for index in leaving.reversed() { list.remove(at: index) }
        }
        for index in list.indices { takeUp(&list[index], of: service, count: wanted) }
        let next = (existing.map(\.number).max() ?? 0) + 1
        for offset in 0..<max(wanted - existing.count, 0) {
            list.append(try replica(of: service, given, number: next + offset))
        }
        replicas[service.name] = list
    }

    private mutating func replica(
        of service: Service,
        _ given: GivenFiles,
        number: Int,
        now existing: Observed.Container? = nil
    ) throws(ReconcilerError) -> Replica {
        let isOneOff = oneOff?.service == service.name
        var name = service.containerName ?? project.joinedName(service.name, "\(number)")
        if let oneOff, isOneOff { name = oneOff.name }
        if let existing, service.containerName == nil,
            project.mayName(existing.name, service.name, number)
        {
            name = existing.name
        }
        let reference = service.imageReference(in: project)
        var replica = Replica(name: name, service: service.name, image: reference)
        replica.existing = existing
        if let image = images[service.name],
            service.mountedImages.allSatisfy({ image.mounted[$0] != nil })
        {
            let spec = try ContainerSpec(
                of: service,
                in: project,
                image: image,
                given: given,
                companions: try companions(of: service)
            )
            replica.request = ContainerRequest(
                name: name,
                spec: spec,
                of: service,
                number: number,
                in: project
            )
            replica.request?.contents = given.contents
            if let oneOff, isOneOff, var request = replica.request {
                oneOff.change(&request)
                replica.request = request
            }
        } else if forecastPorts[service.name] == nil {
            forecastPorts[service.name] = try PortBinding.all(of: service)
        }
        return replica
    }

    /// Why a container is not what the file asks for; nil where it is.
    mutating func reasonToReplace(
        _ container: Observed.Container,
        by replica: Replica,
        of service: Service
    ) -> String? {
        let isNamed = selection.named.contains(service.name)
        switch options.recreation {
        case .never: return nil
        case .always where isNamed: return "\(service.name): --force-recreate"
        case .always, .whenChanged: break
        }
        if options.alwaysRecreatesDependencies, !isNamed {
            return "\(service.name): --always-recreate-deps"
        }
        if container.name != replica.name {
            return "\(service.name): container_name: \(container.name) → \(replica.name)"
        }
        guard let spec = replica.request?.spec else {
            let difference = knownDifference(container, replica, of: service)
            return difference.changes.isEmpty ? nil : reason(difference, of: service)
        }
        let difference = SpecDifference(from: container.spec, to: spec)
        return difference.changes.isEmpty
            ? reasonOfFormerMounts(of: service) : reason(difference, of: service)
    }

    private mutating func reason(_ difference: SpecDifference, of service: Service) -> String {
        let reason = "\(service.name): \(difference.summary)"
        if difference.isCut { plan.wholeReasons[reason] = difference.changes }
        return reason
    }
}

extension Project {
    /// Whether the name is that of the replica, joined in either way: containers keep the one that
    /// they were made with, with `--compatibility` or without.
    fileprivate func mayName(_ container: String, _ service: String, _ number: Int) -> Bool {
        ["-", "_"].contains { sign in
            container == [name, service, "\(number)"].joined(separator: sign)
        }
    }
}

extension ContainerRequest {
    /// One replica of a service.
    init(
        name: String,
        spec: ContainerSpec,
        of service: Service,
        number: Int,
        in project: Project
    ) {
        self.init(name: name, spec: spec)
        self.project = project.name
        self.service = service.name
        self.number = number
        labels = ComposeLabels.container(service, number: number, in: project)
        labels[ComposeLabels.image] = spec.image.description
    }
}
