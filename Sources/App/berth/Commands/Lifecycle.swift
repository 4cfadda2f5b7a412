import ArgumentParser
import Engine
import Reconciler

/// Starts the containers there are.
struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the project's containers, making none."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(help: "Return when everything runs and is healthy.")
    var wait = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        try await project.walk(services) { [services, wait] scope, observed in
            try Plan.start(
                scope.project,
                observed: observed,
                services: services,
                waits: wait
            )
        }
    }
}

/// Ends the containers and keeps them.
struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the project's containers, dependents first."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Seconds a container has to end.", valueName: "seconds")
    )
    var timeout: Int?

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let grace = timeout.map { Duration.seconds($0) }
        try await project.walk(services, hastening: .some(grace)) { [services] scope, observed in
            Plan.stop(
                scope.project,
                observed: observed,
                services: services,
                grace: grace
            )
        }
    }
}

/// Ends the containers and starts them.
struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stop and start the project's containers."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Seconds a container has to end.", valueName: "seconds")
    )
    var timeout: Int?

    @Flag(name: .customLong("no-deps"), help: "Leave dependents with restart: true alone.")
    var noDependents = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let grace = timeout.map { Duration.seconds($0) }
        try await project.walk(services) { [services, noDependents] scope, observed in
            try Plan.restart(
                scope.project,
                observed: observed,
                services: services,
                withDependents: !noDependents,
                grace: grace
            )
        }
    }
}

extension ProjectOptions {
    /// Makes a plan from what there is and walks it, alone on the project. `hastening` is for a
    /// plan that only stops: the grace that those have which another command stops already. What
    /// starts something goes by the conditions of the file, which has to be right then.
    fileprivate func walk(
        _ services: [String],
        hastening: Duration?? = nil,
        _ plan: @escaping @Sendable (ProjectScope, Observed) throws -> Plan
    ) async throws {
        let scope = try ProjectScope(self, settingProblemsAside: hastening != nil)
        let session = try Session.openIfAny()
        _ = try await scope.containers(of: services, in: session)
        guard let session else {
            // Says what is wrong with that, if anything is.
            let plan = try plan(scope, Observed())
            if dryRun { DryRun.show(plan) }
            return
        }
        if dryRun {
            let observed = Observed(try await session.engine.observe(project: scope.name))
            return DryRun.show(try plan(scope, observed))
        }
        let work = try ProjectWork(
            on: scope.name,
            of: scope.project,
            session: session,
            progress: makeProgress(),
            parallel: parallelLimit(in: scope.environment)
        )
        let report = work.report
        let haste = hastening.map { Hastening(extent: scope.extent(of: services), grace: $0) }
        let result = try await Interruptible.run(work.progress) {
            try await work.alone(hastening: haste) {
                try await work.convergence.walk(
                    plan(scope, work.convergence.observe()),
                    project: scope.project,
                    report: report
                )
            }
        }
        work.progress.finish()
        try await work.close()
        try result.checkAll()
    }
}
