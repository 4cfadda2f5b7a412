package import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections

extension Plan {
    /// What makes the machine as the file says: networks and volumes, then containers in the order
    /// of their dependencies. A container is recreated exactly when its spec differs or a flag asks.
    ///
    /// With `oneOff`, whose service `project` has as it asks, that container is made, and not
    /// started; the service's own containers are left alone.
    ///
    /// Nothing running is stopped before what its successor depends on is as it should be. Services
    /// whose image is missing from `images` get steps without a spec: see `isComplete`.
    /// - Throws: every problem that can be found without touching anything.
    package static func up(
        _ project: Project,
        observed: Observed,
        images: KnownImages,
        options: UpOptions = UpOptions(),
        oneOff: OneOff? = nil,
        files: any FileReader = LocalFiles()
    ) throws(ReconcilerError) -> Plan {
        let selection = try ServiceSelection(
            of: options.services,
            withDependencies: options.withDependencies,
            in: project
        )
        var builder = UpPlan(
            project: project,
            observed: observed,
            images: images,
            options: options,
            selection: selection,
            files: files
        )
        builder.oneOff = oneOff
        try builder.prepare()
        builder.addNetworks()
        builder.addVolumes()
        for service in selection.services.values { try builder.addContainers(of: service) }
        builder.addOrphans()
        builder.addHaltedOthers()
        if options.waits, options.starts { builder.addFinalWaits() }
        let vain = builder.waitsInVain()
        guard vain.isEmpty else { throw ReconcilerError(vain) }
        return builder.plan
    }
}

/// Puts an `up` together, service by service.
struct UpPlan {
    let project: Project
    let observed: Observed
    let images: KnownImages
    let options: UpOptions
    let selection: ServiceSelection
    /// The container that is made of its service instead of replicas.
    var oneOff: OneOff?
    let files: any FileReader
    /// The services' containers by number, one-off ones left out.
    let existing: [String: [Observed.Container]]
    var plan = Plan()
    /// The replicas each selected service is to have, decided before any step is made.
    var replicas: [String: [Replica]] = [:]
    /// The ports of services whose image, and so whose spec, is not known yet.
    var forecastPorts: [String: [PortBinding]] = [:]
    /// Containers that go because there are too many.
    var excess: [String: [Observed.Container]] = [:]
    /// Steps by what they make: record names of networks and volumes.
    var makers: [String: Int] = [:]
    /// The last step that concerns each container, by name: starting it, or making it.
    var latest: [String: Int] = [:]
    var waits = PlanWaits()
    /// Those that there are and that run in namespaces of others.
    let sharing: [Observed.Container]
    /// Steps that run hooks which are for a whole service, by their index.
    var preStarted: [String: [Int: Int]] = [:]
    /// What runs and is stopped for something that is replaced, by name.
    var halted: [String: Halt] = [:]
    /// Steps that remove what a killed update has left, by service.
    var removedLeftovers: [String: [Int]] = [:]
    /// Volumes that are made again, by record name.
    let renewedVolumes: [String: RenewedVolume]
    /// Steps that remove who has such a volume.
    var removedUsers: [ContainerID: Int] = [:]
    /// Names of those that are kept or replaced for a service that is brought up.
    var decided: Set<String> = []
    /// Services whose containers are replaced, restarted or started by this plan.
    var renewed: Set<String> = []
    /// Those that are replaced, or restarted since such a one is: a mere start is no update.
    var replaced: Set<String> = []

    init(
        project: Project,
        observed: Observed,
        images: KnownImages,
        options: UpOptions,
        selection: ServiceSelection,
        files: any FileReader
    ) {
        self.project = project
        self.observed = observed
        self.images = images
        self.options = options
        self.selection = selection
        self.files = files
        sharing = observed.sharing
        renewedVolumes = Self.renewedVolumes(
            of: selection,
            in: project,
            observed: observed,
            options: options
        )
        let leaving = Set(renewedVolumes.values.flatMap(\.users).map(\.id))
        let staying = observed.containers.filter { $0.isReplica && !leaving.contains($0.id) }
        existing = Dictionary(grouping: staying, by: \.service)
            .mapValues { $0.sorted { ($0.number, $0.name) < ($1.number, $1.name) } }
    }

    /// One wanted container.
    struct Replica {
        var name: String
        let service: String
        /// The reference of its image, as the file says it.
        let image: String
        /// nil while the image is not on this machine.
        var request: ContainerRequest?
        var existing: Observed.Container?
        /// Why the existing one is not good any more; nil when it is.
        var replacement: String?
        /// Why only its ports are to be published anew.
        var republishing: String?

        var wanted: WantedContainer {
            request.map { .request($0) }
                ?? .forecast(ContainerReference(name: name, service: service), image: image)
        }
        var reference: ContainerReference {
            kept?.reference ?? ContainerReference(name: name, service: service)
        }
        /// It exists and stays.
        var kept: Observed.Container? { replacement == nil ? existing : nil }
    }

    /// A container that is stopped until its networks, or whose namespaces it shares, are there
    /// again.
    struct Halt {
        var container: Observed.Container
        var stop: Int
        /// For the user.
        var because: String
        var makers: [Int] = []
        /// The container whose namespaces it shares.
        var companion: String?
    }
}

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

    private mutating func reasonToReplace(
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
