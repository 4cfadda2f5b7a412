import ArgumentParser
import Reconciler

/// What `up` would do, and why.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what up would change, and why, field by field."
    )

    @OptionGroup var project: ProjectOptions
    @OptionGroup var flags: UpFlags

    @Argument(help: "Services; all when none is named.")
    var services: [String] = []

    func run() async throws {
        let loaded = try project.load(services: services)
        let session = try Session.open()
        let convergence = try await UpConvergence(
            session: session,
            loaded: loaded,
            options: flags.options(services: services)
        )
        try await convergence.describe()
    }
}
