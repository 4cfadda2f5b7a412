import ArgumentParser
import Bake
import Builder
import Compose
import Engine
import OCI
import OrderedCollections
import Reconciler

/// Builds the images of services.
struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build the images of the services that have a Dockerfile."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .customLong("build-arg"),
        parsing: .singleValue,
        help: ArgumentHelp("Set an ARG; NAME alone takes ours.", valueName: "name=value")
    )
    var buildArguments: [String] = []

    @Flag(name: .customLong("no-cache"), help: "Carry out every step.")
    var noCache = false

    @Flag(help: "Pull the images that Dockerfiles build upon, though they are here.")
    var pull = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An agent for RUN --mount=type=ssh, otherwise that of SSH_AUTH_SOCK.",
            valueName: "default|id[=socket]"
        )
    )
    var ssh: [String] = []

    @Flag(name: .shortAndLong, help: "Do not show the steps.")
    var quiet = false

    @Flag(help: "Check the Dockerfiles and build nothing.")
    var check = false

    @Flag(help: "Print what would be built as a bake file, and build nothing.")
    var print = false

    @Option(
        name: .customLong("on-error"),
        help: ArgumentHelp(FailureVisit.help, valueName: "shell"),
        completion: .list(["shell"])
    )
    var onError: String?

    @Flag(help: "Push the images when all of them are built.")
    var push = false

    @Option(
        help: ArgumentHelp(
            "State where the images come from, as --provenance of image build, whatever the file says.",
            valueName: "value"
        )
    )
    var provenance: String?

    @Option(help: ArgumentHelp("Only false: no list of packages is made.", valueName: "value"))
    var sbom: String?

    @Flag(name: .customLong("with-dependencies"), help: "What the services depend on, too.")
    var withDependencies = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        if print { return Terminal.line(try bakeFile()) }
        let loaded = try project.loadImages(services: services)
        let session = try Session.open()
        try await session.recover()
        var builds = ProjectImages.BuildOptions()
        builds.ignoresCache = noCache
        builds.pullsBases = pull
        builds.isQuiet = quiet
        builds.buildsEveryPlatform = true
        builds.entersFailures = try FailureVisit.isAsked(onError)
        let ours = Machine.environment()
        // As docker compose reads it: `default`, or a name with its socket.
        if let text = ssh.first(where: { $0 != "default" && !$0.contains("=") }) {
            throw Failure("invalid ssh key \"\(text)\"; write default or \(text)=SOCKET")
        }
        builds.agents = try BuildAgents.named(ssh, ours)
        for item in buildArguments {
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            builds.arguments[parts[0]] = parts.count == 2 ? parts[1] : ours[parts[0]]
        }
        var options = UpOptions()
        options.services = services
        options.withDependencies = withDependencies || services.isEmpty
        options.building = .always
        builds.provenance = try AttestationOptions.checked(provenance: provenance, sbom: sbom)
        if check { return try await project.checkDockerfiles(loaded, session, options, builds) }
        try await loaded.placing { try await project.build(loaded, session, options, builds) }
        if push, !project.dryRun { try await pushImages(loaded, session) }
    }

    /// What the services come to as a bake file, with absolute paths, as docker compose prints it.
    private func bakeFile() throws -> String {
        // All of them: those that are asked for may build upon others.
        let loaded = try project.loadImages(services: [])
        let project = loaded.project
        for name in services where project.declaredService(name) == nil {
            throw Failure("no such service: \(name)")
        }
        var targets: [BakeTarget] = []
        for var target in try BakeTarget.services(of: loaded, in: nil) {
            target.fields[.output] = .options([BakeOptions(["type": push ? "registry" : "docker"])])
            targets.append(target)
        }
        let surroundings = BakeDefinition.Surroundings(
            environment: Machine.environment(),
            platform: Platform.host.description,
            now: Timestamp.now().nanoseconds
        )
        let definition = try BakeDefinition([], services: targets, in: surroundings)
        let chosen = withDependencies ? [] : services.map { BakeTarget.name(ofService: $0) }
        var overrides: [String] = []
        for item in buildArguments { overrides.append("*.args.\(item)") }
        var plan = try definition.plan(
            for: targets.isEmpty ? [] : chosen,
            overrides: targets.isEmpty ? [] : overrides,
            environment: Machine.environment()
        )
        var everywhere = BakeEverywhere()
        (everywhere.noCache, everywhere.pull) = (noCache, pull)
        (everywhere.provenance, everywhere.sbom) = (provenance, sbom)
        plan.apply(everywhere)
        for service in project.services.values {
            let labels = ComposeLabels.image(of: service, in: project)
            plan.label(BakeTarget.name(ofService: service.name), labels)
        }
        return plan.text
    }

    private func pushImages(_ loaded: LoadedProject, _ session: Session) async throws {
        let transfers = try ImageTransfers.pushes(
            of: loaded.project,
            services: services,
            withDependencies: withDependencies
        )
        let work = try ImageTransferWork(project, session, loaded, isQuiet: quiet)
        let failures = try await work.run(transfers, doing: "Pushing", done: "Pushed") {
            reference in
            _ = try await work.images.push(reference)
        }
        try work.check(failures, ignoring: false)
    }
}

extension ProjectOptions {
    /// Checks the Dockerfiles of services, one after another, and says what is to be mended.
    fileprivate func checkDockerfiles(
        _ loaded: LoadedProject,
        _ session: Session,
        _ options: UpOptions,
        _ builds: ProjectImages.BuildOptions
    ) async throws {
        let known = try await KnownImages(to: session.engine, of: loaded.project)
        let plan = try Reconciler.Plan.images(
            for: loaded.project,
            images: known,
            options: options
        ) { $0.build != nil }
        try plan.checkSources(of: loaded.project)
        let progress = try makeProgress(isQuiet: builds.isQuiet)
        let images = ProjectImages(
            session: session,
            progress: progress,
            project: loaded.project,
            options: builds
        )
        var isClean = true
        for step in plan.steps {
            guard case .buildImage(let name, _) = step.operation,
                let service = loaded.project.services[name],
                let report = try await images.check(service)
            else { continue }
            for note in report.notes { progress.warn("\(service.name): \(note)") }
            Terminal.line("\(service.name): \(report.lines.joined(separator: "\n"))")
            if let error = report.error {
                let place = report.errorLine > 0 ? "\(report.file):\(report.errorLine): " : ""
                progress.finish()
                throw Failure("\(service.name): \(place)\(error)")
            }
            isClean = isClean && report.isClean
        }
        progress.finish()
        if !isClean { throw ExitCode.failure }
    }
}

extension ProjectOptions {
    /// Makes the images of the services that have a build.
    fileprivate func build(
        _ loaded: LoadedProject,
        _ session: Session,
        _ options: UpOptions,
        _ builds: ProjectImages.BuildOptions
    ) async throws {
        let project = loaded.project
        let known = try await KnownImages(to: session.engine, of: project)
        let plan = try Reconciler.Plan.images(for: project, images: known, options: options) {
            $0.build != nil
        }
        try plan.checkSources(of: project)
        for case .buildImage(let name, _) in plan.steps.map(\.operation) {
            _ = try project.services[name]?.buildPlatforms(every: true)
        }
        if dryRun { return DryRun.show(plan) }
        let work = try ProjectWork(
            on: project.name,
            of: project,
            session: session,
            progress: makeProgress(isQuiet: builds.isQuiet),
            parallel: parallelLimit(in: loaded.environment),
            builds: builds
        )
        let report = work.report
        let result = try await Interruptible.run(work.progress) {
            let result = await work.convergence.walk(plan, project: project, report: report)
            // A task of its own, since a cancelled one cannot clear away.
            if Task.isCancelled { _ = try await Task { try await session.recover() }.value }
            return result
        }
        work.progress.finish()
        try result.checkAll()
    }
}
