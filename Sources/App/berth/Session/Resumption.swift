import Engine
import Reconciler

/// `up --resume`: after a restart of the machine, every project's containers as their policies say.
enum Resumption {
    /// One project after the other; what fails in one keeps no other from being looked at.
    static func run(progress: () throws -> Progress) async throws {
        guard let session = try Session.openIfAny() else { return }
        let waiting = try await session.engine.observe(project: nil).containers.map(\.record)
            .filter(\.waitsAfterReboot)
        let projects = Set(waiting.map { $0.project ?? Layout.standaloneProject }).sorted()
        guard !projects.isEmpty else {
            Terminal.line("nothing waits since the machine was restarted", to: .error)
            return
        }
        var failures: [String] = []
        for project in projects {
            do {
                try await resume(project, session, try progress())
            } catch {
                failures.append("project \(project): \(error)")
            }
        }
        guard failures.isEmpty else {
            var failure = Failure("")
            failure.lines = failures
            throw failure
        }
    }

    private static func resume(
        _ name: String,
        _ session: Session,
        _ progress: Progress
    ) async throws {
        let work = try ProjectWork(on: name, of: nil, session: session, progress: progress)
        let report = work.report
        let result = try await Interruptible.run(progress) {
            try await work.alone {
                var observed = Observed(try await session.engine.observe(project: nil))
                observed.containers = observed.containers.filter {
                    ($0.project ?? Layout.standaloneProject) == name
                }
                return await work.convergence.walk(Plan.resume(observed), report: report)
            }
        }
        progress.finish()
        try await work.close()
        try result.checkAll()
    }
}
