package import Compose
import ContainerRuntime
package import Engine
package import OCI
import OrderedCollections
package import Supervisor

/// Makes the machine as a project's file says, or takes apart what there is of it: looks, plans and
/// walks. The caller holds the project's convergence lock (`Engine.convergenceLock`), has run
/// `Engine.recover`, and prints what is reported.
///
///     let convergence = Convergence(of: "shop", engine: engine, supervisor: client, images: source)
///     let result = try await convergence.up(project, options: options) { print($0) }
///     try result.check()
package struct Convergence: Sendable {
    package let name: String
    package let engine: Engine
    private let supervisor: SupervisorClient
    private let images: ImageSource
    let providers: ProviderSource
    private let limit: Int?

    /// `supervisor` is a client of the project's supervisor. At most `limit` steps are at work at the
    /// same time; nil is the walk's own bound.
    package init(
        of name: String,
        engine: Engine,
        supervisor: SupervisorClient,
        images: ImageSource,
        providers: ProviderSource,
        limit: Int? = nil
    ) {
        self.name = name
        self.engine = engine
        self.supervisor = supervisor
        self.images = images
        self.providers = providers
        self.limit = limit
    }

    /// What there is.
    package func observe() async throws -> Observed {
        Observed(try await engine.observe(project: name))
    }

    /// What `up` would do, without doing anything. With images missing it is a forecast: their
    /// pulling and building first, then what follows as far as it is known (`Plan.isComplete`).
    package static func forecast(
        _ project: Project,
        engine: Engine,
        options: UpOptions,
        differences: ImageSource.Differences = { _, _, _ in [] }
    ) async throws -> Plan {
        let observed = Observed(try await engine.observe(project: project.name))
        let project = project.remembering(observed)
        try project.checkPlatforms()
        var known = try await KnownImages(to: engine, of: project)
        try await known.findStale(in: project, options, differences)
        var plan = try Plan.images(for: project, images: known, options: options)
        let first = plan.steps.count
        var rest = try Plan.up(
            project,
            observed: observed,
            images: known,
            options: options
        )
        try rest.checkOwnership(of: project, observed: observed, options: options)
        let imageSteps = Array(0..<first)
        plan.steps += rest.steps.map { step in
            var step = step
            step.after = imageSteps + step.after.map { $0 + first }
            step.behind = step.behind.map { $0 + first }
            return step
        }
        plan.warnings = rest.warnings
        plan.unchanged = rest.unchanged
        plan.restarting = rest.restarting
        plan.wholeReasons.merge(rest.wholeReasons) { $1 }
        try plan.checkSources(of: project)
        try await plan.rehearse(project, in: engine)
        return plan
    }

    /// Brings the project up: images first, so that one that is missing changes nothing, then
    /// everything else. The plan of the second part is `result.plan`; it is empty when everything
    /// was up to date. For `oneOff` see `Plan.up`.
    package func up(
        _ project: Project,
        options: UpOptions,
        oneOff: OneOff? = nil,
        attending: Attending? = nil,
        report: @escaping @Sendable (ConvergenceEvent) -> Void = { _ in }
    ) async throws -> ConvergenceResult {
        let project = try await provided(project, options)
        try project.checkPlatforms()
        var known = try await KnownImages(to: engine, of: project)
        try await known.findStale(in: project, options, images.differences)
        let fetching = try Plan.images(for: project, images: known, options: options)
        if !fetching.isEmpty {
            // What is wrong with the rest is said before minutes go into images.
            let observed = try await observe()
            var forecast = try Plan.up(
                project,
                observed: observed,
                images: known,
                options: options,
                oneOff: oneOff
            )
            try forecast.checkOwnership(of: project, observed: observed, options: options)
            try Plan(steps: fetching.steps + forecast.steps).checkSources(of: project)
            let result = await walk(fetching, project: project, report: report)
            guard result.walk.succeeded else { return result }
            known = try await KnownImages(to: engine, of: project)
        }
        let observed = try await observe()
        var plan = try Plan.up(
            project,
            observed: observed,
            images: known,
            options: options,
            oneOff: oneOff
        )
        try plan.checkOwnership(of: project, observed: observed, options: options)
        guard plan.isComplete else {
            throw ReconcilerError(
                "",
                "an image that was pulled or built is gone again: somebody removed it",
                remedy: "try again"
            )
        }
        try plan.checkSources(of: project)
        try await plan.rehearse(project, in: engine)
        try await engine.record(
            ProjectRecord(name: project.name, directory: project.directory, files: project.files)
        )
        if options.adopts {
            try await engine.adoptVolumes(ofProject: project.name, by: project.directory)
        }
        if plan.startsContainers { await supervisor.prepare() }
        return await walk(plan, project: project, attending: attending, report: report)
    }

    /// Takes the project apart; `project` is nil when only its name is known. A whole project that
    /// is gone afterwards is forgotten, and its locks with it: what else has to happen alone is done
    /// by `afterwards`.
    package func down(
        _ project: Project?,
        options: DownOptions,
        report: @escaping @Sendable (ConvergenceEvent) -> Void = { _ in },
        afterwards: (ConvergenceResult) async throws -> Void = { _ in }
    ) async throws -> ConvergenceResult {
        let observed = try await observe()
        let plan = Plan.down(project, named: name, observed: observed, options: options)
        if let project, !options.adopts {
            try plan.checkLosses(of: project, observed: observed)
        }
        let result = await walk(plan, project: project, report: report)
        try await afterwards(result)
        let left = try await observe()
        let isGone =
            left.containers.isEmpty && !left.networks.contains { $0.project == name }
            && !left.volumes.contains { $0.project == name }
        if isGone {
            // Its supervisor's lock and socket go with the project.
            try await engine.forgetProject(named: name) { await supervisor.leaveForGood() }
        }
        return result
    }

    /// Walks a plan that was made elsewhere (`Plan.stop`, `Plan.start`, `Plan.restart`). Warnings of
    /// the plan are reported before its first step.
    package func walk(
        _ plan: Plan,
        project: Project? = nil,
        attending: Attending? = nil,
        report: @escaping @Sendable (ConvergenceEvent) -> Void = { _ in }
    ) async -> ConvergenceResult {
        for warning in plan.warnings { report(.warning(warning)) }
        report(.planned(plan))
        let executor = PlanExecutor(
            name: name,
            project: project,
            engine: engine,
            supervisor: supervisor,
            images: images,
            contents: plan.contents,
            hookWrote: { report(.hookWrote($0, $1)) },
            attending: attending
        )
        let result = await plan.walk(limit: limit ?? Plan.usualLimit) { operation in
            try await executor.perform(operation)
        } report: { event in
            report(.step(plan.steps[event.step], event))
        }
        return ConvergenceResult(plan: plan, walk: result)
    }
}

/// Where images come from that are not on this machine.
package struct ImageSource: Sendable {
    /// Pulls a reference; returns when the engine has its record.
    package var pull: @Sendable (_ reference: String) async throws -> Void
    /// Builds a service's image and gives it this name; returns when the engine has its record.
    package var build: @Sendable (_ service: Service, _ reference: String) async throws -> Void
    /// What differs from what a service's image was built of, in words; none where it is as it would be
    /// built now, or came from elsewhere.
    package var differences: Differences

    /// Of a service, whose image has this reference and this identifier.
    package typealias Differences =
        @Sendable (_ service: Service, _ reference: String, _ image: Digest) async throws ->
        [String]

    /// Without `differences` no image is stale.
    package init(
        pull: @escaping @Sendable (_ reference: String) async throws -> Void,
        build: @escaping @Sendable (_ service: Service, _ reference: String) async throws -> Void,
        differences: @escaping Differences = { _, _, _ in [] }
    ) {
        self.pull = pull
        self.build = build
        self.differences = differences
    }
}

/// What a convergence tells while it goes on.
package enum ConvergenceEvent: Sendable {
    case warning(String)
    /// A plan is about to be walked; an `up` has one of images before its own.
    case planned(Plan)
    case step(Plan.Step, WalkEvent)
    /// What a hook that ended well wrote to both of its streams.
    case hookWrote(ContainerReference, String)
}

/// What a convergence came to.
package struct ConvergenceResult: Sendable {
    /// The plan that was walked last.
    package var plan: Plan
    package var walk: WalkResult

    package init(plan: Plan, walk: WalkResult) {
        self.plan = plan
        self.walk = walk
    }

    /// Throws the first failure, or `CancellationError` for a walk that was cancelled.
    package func check() throws { try walk.check() }
}
