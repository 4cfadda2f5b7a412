import Compose
import Reconciler

extension ProjectOptions {
    /// What a verb needs that makes a project true: its work, or nil where `--dry-run` has shown
    /// what it would be.
    func converging(
        _ loaded: LoadedProject,
        _ options: UpOptions,
        _ builds: ProjectImages.BuildOptions = .init()
    ) async throws -> ProjectWork? {
        let session = try Session.open()
        if dryRun {
            Terminal.line("DRY-RUN MODE: nothing is changed; this would be done:", to: .error)
            try await PlanCommand.describe(loaded, options, session)
            return nil
        }
        return try ProjectWork(
            on: loaded.project.name,
            of: loaded.project,
            session: session,
            progress: makeProgress(),
            parallel: parallelLimit(in: loaded.environment),
            builds: builds
        )
    }
}

extension ProjectWork {
    /// A time, and what there is to say when it is over before all is done.
    typealias Limit = (time: Duration, late: @Sendable () -> Failure)

    /// Makes the project true, and fails with what of that failed. Nobody is attached.
    func bringUp(
        _ loaded: LoadedProject,
        _ options: UpOptions,
        within limit: Limit? = nil
    ) async throws {
        let result = try await loaded.placing {
            try await Interruptible.run(progress) {
                guard let limit else { return try await converge(loaded.project, options) }
                return try await Deadline.run(limit.time, else: limit.late) {
                    try await converge(loaded.project, options)
                }
            }
        }
        progress.finish()
        try await close()
        try result.checkAll(in: loaded)
    }

    private func converge(
        _ project: Project,
        _ options: UpOptions
    ) async throws -> ConvergenceResult {
        let report = report
        return try await alone(hastening: Hastening(options, of: project)) {
            try await convergence.up(project, options: options, report: report)
        }
    }
}
