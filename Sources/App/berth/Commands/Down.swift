import ArgumentParser
import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Reconciler

/// Takes the project apart.
struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop and remove the project's containers and networks."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .shortAndLong, help: "Remove volumes too, with what is in them.")
    var volumes = false

    @Option(
        help: ArgumentHelp(
            "Remove images of the services: all, or local (those that were built).",
            valueName: "which"
        ),
        completion: .list(["all", "local"])
    )
    var rmi: ImagesOfDown.Which?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Seconds a container has to end.", valueName: "seconds")
    )
    var timeout: Int?

    @Flag(name: .customLong("remove-orphans"), help: "Remove containers of no service, too.")
    var removeOrphans = false

    @Flag(help: "Remove volumes also where another folder of the same name made the project.")
    var adopt = false

    @Argument(help: "Services; the whole project when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        if !services.isEmpty { _ = try await scope.containers(of: services, in: session) }
        let progress = try project.makeProgress()
        guard let session else { return tellOfNothing(scope, progress) }
        if project.dryRun { return try await showPlan(scope, session) }
        let work = try ProjectWork(
            on: scope.name,
            of: scope.project,
            session: session,
            progress: progress,
            parallel: project.parallelLimit(in: scope.environment)
        )
        let wishes = wishes(scope)
        let report = work.report
        let hastening = Hastening(
            extent: scope.extent(of: services),
            grace: wishes.grace,
            endsHooks: true
        )
        let result = try await Interruptible.run(work.progress) {
            try await work.alone(hastening: hastening, mending: false) {
                let images = try await images(scope, session)
                return try await work.convergence.down(
                    scope.project,
                    options: wishes,
                    report: report
                ) { result in
                    guard result.walk.succeeded else { return }
                    try await Self.remove(images, work)
                    try await scope.providers(services, progress).tell(.down)
                }
            }
        }
        if result.plan.isEmpty, scope.project?.providers.isEmpty != false {
            tellOfNothing(scope, work.progress)
        }
        work.progress.finish()
        try await work.close()
        try result.checkAll()
    }

    private func tellOfNothing(_ scope: ProjectScope, _ progress: Progress) {
        progress.note("Warning: No resource found to remove for project \"\(scope.name)\".")
    }

    private func wishes(_ scope: ProjectScope) -> DownOptions {
        var options = DownOptions()
        options.services = services
        options.removesVolumes = volumes
        options.adopts = adopt
        options.removesOrphans =
            removeOrphans || UpFlags.isSet("COMPOSE_REMOVE_ORPHANS", scope.environment)
        options.setAside = scope.setAside
        options.grace = timeout.map { .seconds($0) }
        return options
    }

    private func showPlan(_ scope: ProjectScope, _ session: Session) async throws {
        let observed = Observed(try await session.engine.observe(project: scope.name))
        let plan = Reconciler.Plan.down(
            scope.project,
            named: scope.name,
            observed: observed,
            options: wishes(scope)
        )
        if let project = scope.project, !adopt {
            try plan.checkLosses(of: project, observed: observed)
        }
        let images = try await images(scope, session)
        DryRun.show(plan, and: images.map { "remove image \($0)" })
    }

    /// The names of the images that `--rmi` means; none without it.
    private func images(_ scope: ProjectScope, _ session: Session) async throws -> [String] {
        guard let rmi else { return [] }
        let declared: [ImagesOfDown.Service]
        if let project = scope.project {
            declared = project.services.values.map { ImagesOfDown.Service($0, in: project) }
        } else {
            declared = try await scope.containers(of: [], in: session).compactMap { container in
                guard let service = container.record.service else { return nil }
                let reference = try container.record.spec.imageName
                let isDefault = ["-", "_"].contains { reference.hasPrefix(scope.name + $0) }
                return .init(name: service, reference: reference, isDefault: isDefault)
            }
        }
        return ImagesOfDown(
            which: rmi,
            projectName: scope.name,
            services: declared.filter { services.isEmpty || services.contains($0.name) },
            withOrphans: removeOrphans && services.isEmpty
        ).names(among: try await KnownImage.all(in: session))
    }

    private static func remove(_ images: [String], _ work: ProjectWork) async throws {
        for image in images {
            do {
                _ = try await work.session.engine.removeImage(
                    matching: image
                )
                work.progress.report("Image \(image)", "Removed", .done)
            } catch let error as EngineError where error.kind == .notFound {
                continue
            } catch let error as EngineError where error.kind == .inUse || error.kind == .conflict {
                work.progress.report("Image \(image)", error.reason, .warning)
            }
        }
    }
}

extension ImagesOfDown.Which: ExpressibleByArgument {}
