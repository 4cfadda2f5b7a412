import Compose
import Engine
import Linux
import Reconciler
import Supervisor

/// One command's work on one project: its lock, its supervisor, its progress.
struct ProjectWork: Sendable {
    let name: String
    let session: Session
    let client: SupervisorClient
    let progress: Progress
    let convergence: Convergence

    init(
        on name: String,
        of project: Project?,
        session: Session,
        progress: Progress,
        builds: ProjectImages.BuildOptions = .init()
    ) throws {
        self.name = name
        self.session = session
        self.progress = progress
        client = SupervisorClient(
            project: name,
            layout: session.layout,
            command: try Programs.supervisor()
        )
        let images = ProjectImages(
            session: session,
            progress: progress,
            project: project,
            options: builds
        )
        convergence = Convergence(
            of: name,
            engine: session.engine,
            control: SupervisorControl(client: client),
            images: images.source
        )
    }

    /// Runs `body` while no other command changes the project, with what a crash left repaired.
    func alone<R>(_ body: () async throws -> R) async throws -> R {
        let progress = progress
        let name = name
        let lock = try await session.engine.convergenceLock(ofProject: name) {
            progress.note("waiting for another command on project \(name)")
        }
        defer { withExtendedLifetime(lock) {} }
        try await session.engine.recover()
        do {
            let result = try await body()
            try await forgetIfNothing()
            return result
        } catch {
            try await forgetIfNothing()
            throw error
        }
    }

    /// A project of which nothing was made keeps no lock file behind.
    private func forgetIfNothing() async throws {
        guard try await session.engine.project(named: name) == nil else { return }
        try await client.close()
        try await session.engine.forgetProject(named: name)
    }

    /// Ends the connection to the supervisor, which ends when it has nothing to keep.
    func close() async throws { try await client.close() }

    /// Shows what a convergence does.
    var report: @Sendable (ConvergenceEvent) -> Void {
        let report = StepReport(progress: progress)
        return { report.show($0) }
    }
}
