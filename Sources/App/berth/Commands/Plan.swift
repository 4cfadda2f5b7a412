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

    @Option(
        help: ArgumentHelp("text or json.", valueName: "format"),
        completion: .list(["text", "json"])
    )
    var format = "text"

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        guard ["text", "json"].contains(format) else {
            throw ValidationError("--format takes text or json, not \(format)")
        }
    }

    func run() async throws {
        let loaded = try project.load(services: services)
        try flags.check(against: loaded.project)
        try await Self.describe(
            loaded,
            flags.options(services: services, loaded.environment),
            Session.open(),
            asJSON: format == "json"
        )
    }

    /// Prints the plan; nothing is touched.
    static func describe(
        _ loaded: LoadedProject,
        _ options: UpOptions,
        _ session: Session,
        asJSON: Bool = false
    ) async throws {
        let project = loaded.project
        _ = try await session.supervising {
            try await session.engine.observe(project: project.name).containers
        }
        let plan = try await loaded.placing {
            try await session.forecast(project, options)
        }
        if asJSON {
            Terminal.line(PlanDocument(plan, of: project.name).text)
        } else {
            show(plan)
        }
    }

    /// Prints a plan that is not carried out.
    static func show(_ plan: Reconciler.Plan) {
        for warning in plan.warnings { Terminal.line("warning: \(warning)", to: .error) }
        let columns = Terminal.isInteractive(.out) ? Terminal.size(.out)?.columns : nil
        Terminal.line(
            plan.isEmpty ? "up to date: nothing to do" : plan.description(columns: columns)
        )
        guard !plan.isEmpty, !plan.unchanged.isEmpty else { return }
        let staying = plan.unchanged.map(\.name).joined(separator: ", ")
        Terminal.line("unchanged: \(staying)")
    }
}
