import ArgumentParser
import Compose
import Engine
import Reconciler

/// What `up` would do, and why.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what up would change, and why, field by field."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions
    @OptionGroup var flags: UpFlags

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let loaded = try project.load(services: services)
        try flags.check(against: loaded.project)
        try await Self.describe(
            loaded,
            flags.options(services: services, loaded.environment),
            Session.open()
        )
    }

    /// Prints the plan; nothing is touched.
    static func describe(
        _ loaded: LoadedProject,
        _ options: UpOptions,
        _ session: Session
    ) async throws {
        let project = loaded.project
        try await session.ensureSupervised(
            project.name,
            session.engine.containers(ofProject: project.name)
        )
        let plan = try await loaded.placing {
            try await Convergence.forecast(project, engine: session.engine, options: options)
        }
        show(plan)
    }

    /// Prints a plan that is not carried out.
    static func show(_ plan: Reconciler.Plan) {
        for warning in plan.warnings { Terminal.line("warning: \(warning)", to: .error) }
        let columns = Terminal.isInteractive(.out) ? Terminal.size(.out)?.columns : nil
        Terminal.line(
            plan.isEmpty ? "up to date: nothing to do" : plan.description(columns: columns)
        )
    }
}
