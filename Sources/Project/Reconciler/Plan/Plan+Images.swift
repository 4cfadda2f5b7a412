package import Compose
import OrderedCollections

extension Plan {
    /// The image half of an `up`: what must be pulled or built before it is known what will run.
    /// Done before anything else is touched, so that a missing image changes nothing.
    /// `images` has, by service, those that are on this machine. Services that are not wanted have no
    /// steps, and no problems: `build` does not mind an image that only a pull gives.
    package static func images(
        for project: Project,
        images: KnownImages,
        options: UpOptions = UpOptions(),
        of isWanted: (Service) -> Bool = { _ in true }
    ) throws(ReconcilerError) -> Plan {
        let selection = try ServiceSelection(
            of: options.services,
            withDependencies: options.withDependencies,
            in: project
        )
        var plan = Plan()
        var pulls: OrderedDictionary<String, Pull> = [:]
        var problems: [ReconcilerError.Problem] = []
        // Services that share an image and say the same about its making: made once.
        var builds: Set<BuildOfImage> = []
        // One that a service of the project builds is nowhere to be pulled from.
        let built = Set(
            selection.services.values.filter { $0.build != nil }
                .map { $0.imageReference(in: project) }
        )
        let chosen = Array(selection.services.values)
        let wanted = chosen + project.services(mountedBy: chosen)
        for service in project.inOrderOfBuilding(wanted) where isWanted(service) {
            let image = images[service.name]
            let isHere = image != nil
            let reference = service.imageReference(in: project)
            let others = plan.builds(of: service.imagesBuiltByOthers(in: project))
            let changes = service.staleness(images, upon: others, options)
            if let build = service.build,
                !changes.isEmpty || service.builds(isHere: isHere, options: options)
            {
                guard builds.insert(BuildOfImage(reference: reference, build: build)).inserted
                else { continue }
                let because = plan.buildReason(service, changes, isHere, options)
                _ = plan.add(
                    Step(
                        .buildImage(service: service.name, reference: reference),
                        because: because,
                        after: others
                    )
                )
            } else if service.build == nil, built.contains(reference) {
                continue
            } else if service.build == nil, let reason = service.pullReason(image, options) {
                pulls[reference, default: Pull(because: reason)].services.append(service.name)
            } else if !isHere {
                problems.append(
                    .init(
                        "service \"\(service.name)\"",
                        "image \(reference) is not on this machine and may not be pulled"
                            + (service.build == nil ? "" : " or built"),
                        remedy: service.build != nil && options.building == .never
                            ? "`berth build` builds it, or leave `--no-build` out"
                            : "`pull_policy` or `--pull` says never"
                    )
                )
            }
        }
        for service in chosen where isWanted(service) {
            for name in service.mountedImages where !project.hasService(name) {
                if let reason = service.pullReason(ofMounted: name, images, options) {
                    pulls[name, default: Pull(because: reason)].services.append(service.name)
                } else if !images.mounted.contains(name) {
                    problems.append(
                        .init(
                            "service \"\(service.name)\"",
                            "image \(name), which it mounts, is not on this machine and may not be "
                                + "pulled",
                            remedy: "`pull_policy` or `--pull` says never"
                        )
                    )
                }
            }
        }
        for service in chosen where isWanted(service) {
            for (key, reference) in service.imagesOfPreStart where !built.contains(reference) {
                let place = key.dropFirst(service.name.count + 1)
                if let reason = service.pullReason(ofHook: images[key], options) {
                    pulls[reference, default: Pull(because: reason)].services
                        .append(service.name)
                } else if images[key] == nil {
                    problems.append(
                        .init(
                            "service \"\(service.name)\"",
                            "image \(reference) of \(place) is not on this machine and may not be "
                                + "pulled",
                            remedy: "`pull_policy` or `--pull` says never"
                        )
                    )
                }
            }
        }
        guard problems.isEmpty else { throw ReconcilerError(problems) }
        for (reference, pull) in pulls {
            _ = plan.add(
                Step(
                    .pullImage(reference: reference, services: pull.services),
                    because: pull.because
                )
            )
        }
        return plan
    }

    /// What makes an image, whoever wants it.
    private struct BuildOfImage: Hashable {
        var reference: String
        var build: BuildDeclaration
    }

    /// One image, whoever wants it.
    private struct Pull {
        var because: String
        var services: [String] = []
    }

    /// Why an image is built, cut to what fits on a line.
    private mutating func buildReason(
        _ service: Service,
        _ changes: [String],
        _ isHere: Bool,
        _ options: UpOptions
    ) -> String {
        guard !changes.isEmpty else { return service.buildReason(isHere: isHere, options: options) }
        let shown = changes.prefix(Self.shownBuildChanges).joined(separator: ", ")
        let rest = changes.count - Self.shownBuildChanges
        let reason = "\(service.name): build: \(shown)" + (rest > 0 ? " and \(rest) more" : "")
        if rest > 0 { wholeReasons[reason] = changes.map { "build: \($0)" } }
        return reason
    }

    private static let shownBuildChanges = 3

    /// The steps so far that build these images.
    private func builds(of references: Set<String>) -> [Int] {
        steps.indices.filter { index in
            guard case .buildImage(_, let reference) = steps[index].operation else { return false }
            return references.contains(reference)
        }
    }
}

extension Project {
    /// A service that the file has, whether it takes part in the command or not: one that is built
    /// upon, or whose image is mounted, need not.
    package func declaredService(_ name: String) -> Service? {
        services[name] ?? disabledServices[name]
    }

    /// Services, and those that they build upon (`service:name`), each after those.
    func inOrderOfBuilding(_ wanted: some Sequence<Service>) -> [Service] {
        var order: OrderedDictionary<String, Service> = [:]
        var visited: Set<String> = []
        func visit(_ service: Service) {
            guard visited.insert(service.name).inserted else { return }
            for name in service.servicesBuiltUpon { declaredService(name).map(visit) }
            order[service.name] = service
        }
        for service in wanted { visit(service) }
        return Array(order.values)
    }
}

extension Service {
    /// What the image is called here: as written, else `<project>-<service>`.
    package func imageReference(in project: Project) -> String {
        image ?? project.joinedName(name)
    }

    /// References of the images that are an additional context of the build (`service:name`).
    fileprivate func imagesBuiltByOthers(in project: Project) -> Set<String> {
        Set(
            servicesBuiltUpon.compactMap {
                project.declaredService($0)?.imageReference(in: project)
            }
        )
    }

    /// Whose images are an additional context of the build (`service:name`).
    fileprivate var servicesBuiltUpon: [String] {
        (build?.additionalContexts ?? [:]).values.compactMap(\.serviceBuiltUpon)
    }

    /// What differs from what the image was built of, where that counts: an image that is here is built
    /// again unless somebody says when images are built or pulled.
    fileprivate func staleness(
        _ images: KnownImages,
        upon others: [Int],
        _ options: UpOptions
    ) -> [String] {
        guard images[name] != nil, mayBeStale(options) else { return [] }
        let known = images.stale[name] ?? []
        return known.isEmpty && !others.isEmpty ? ["what it is built upon is built"] : known
    }

    /// Whether it counts that an image is not built of what there is now.
    func mayBeStale(_ options: UpOptions) -> Bool {
        build != nil && options.building == .asNeeded && options.pull == nil && pullPolicy == nil
    }

    fileprivate func builds(isHere: Bool, options: UpOptions) -> Bool {
        switch options.building {
        case .always: true
        case .asNeeded:
            if options.pull == nil {
                pullPolicy == .build || (!isHere && pullPolicy != .never)
            } else {
                !isHere
            }
        case .never: false
        }
    }

    fileprivate func buildReason(isHere: Bool, options: UpOptions) -> String {
        guard isHere else { return "\(name): no image yet" }
        return options.building == .always ? "\(name): --build" : "\(name): pull_policy is build"
    }

    /// The age from which on an image is pulled again; nil where its age does not matter.
    var refreshesImageAfter: Duration? {
        guard case .refresh(let span)? = pullPolicy else { return nil }
        return span ?? pullRefreshAfter
    }

    /// Of an image that it mounts: as of its own, except that the age does not matter.
    fileprivate func pullReason(
        ofMounted name: String,
        _ images: KnownImages,
        _ options: UpOptions
    ) -> String? {
        switch (options.pull, pullPolicy) {
        case (.always?, _): "--pull always"
        case (nil, .always?): "pull_policy is always"
        case (.never?, _), (nil, .never?): nil
        default: images.mounted.contains(name) ? nil : "mounted, and not on this machine"
        }
    }

    /// That of a hook follows the service, but for what is about the service's own image alone.
    fileprivate func pullReason(ofHook image: ServiceImage?, _ options: UpOptions) -> String? {
        var own = self
        if own.pullPolicy == .build || own.refreshesImageAfter != nil { own.pullPolicy = nil }
        return own.pullReason(image, options)
    }

    /// nil when it is not to be pulled.
    fileprivate func pullReason(_ image: ServiceImage?, _ options: UpOptions) -> String? {
        switch (options.pull, pullPolicy) {
        case (.always?, _): return "--pull always"
        case (nil, .always?): return "pull_policy is always"
        case (.never?, _), (nil, .never?): return nil
        case (nil, .refresh?):
            guard let image else { return "not on this machine" }
            guard let age = image.age, let limit = refreshesImageAfter, age >= limit else {
                return nil
            }
            return "pull_policy is \(PullPolicy.refresh(every: limit)), and it is older"
        default: return image != nil ? nil : "not on this machine"
        }
    }
}

extension String {
    /// The service that a context names whose image is built upon (`service:NAME`); nil for any other
    /// context.
    package var serviceBuiltUpon: String? {
        hasPrefix("service:") ? String(dropFirst("service:".count)) : nil
    }
}
