import Compose
import Reconciler

extension Session {
    /// What `up` would do, without doing anything.
    func forecast(_ project: Project, _ options: UpOptions) async throws -> Reconciler.Plan {
        let images = ProjectImages(
            session: self,
            progress: Progress(style: .quiet, usesColour: false),
            project: project
        )
        return try await Convergence.forecast(
            project,
            engine: engine,
            options: options,
            differences: images.source.differences
        )
    }
}
