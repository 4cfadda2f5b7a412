import Engine
import Reconciler

extension ProjectOptions {
    /// Makes a plan from what there is and walks it, alone on the project. `hastening` is for a
    /// plan that stops: the grace that those have which another command stops already. What
    /// starts something goes by the conditions of the file, which has to be right then, also when it
    /// `stopsFirst`; a plan that goes by what there is `looksOnly` at its names. One that may be walked
    /// `besideOthers` waits for no other command on the project.
    /// Gives the plan that was made.
    func walk(
        _ services: [String],
        hastening: Duration?? = nil,
        stopsFirst: Bool = false,
        looksOnly: Bool = false,
        besideOthers: Bool = false,
        _ plan: @escaping @Sendable (ProjectScope, Observed) throws -> Plan
    ) async throws -> Plan {
        let scope = try ProjectScope(
            self,
            settingProblemsAside: hastening != nil && !stopsFirst || looksOnly
        )
        let session = try Session.openIfAny()
        _ = try await scope.containers(of: services, in: session)
        guard let session else {
            // Says what is wrong with that, if anything is.
            let plan = try plan(scope, Observed())
            if dryRun { DryRun.show(plan) }
            return plan
        }
        if dryRun {
            let observed = Observed(try await session.engine.observe(project: scope.name))
            let plan = try plan(scope, observed)
            DryRun.show(plan)
            return plan
        }
        let work = try ProjectWork(
            on: scope.name,
            of: scope.project,
            session: session,
            progress: makeProgress(),
            parallel: parallelLimit(in: scope.environment)
        )
        let report = work.report
        let haste = hastening.map {
            Hastening(
                extent: scope.extent(of: services),
                grace: $0,
                endsHooks: !stopsFirst
            )
        }
        let walk: @Sendable () async throws -> ConvergenceResult = {
            try await work.convergence.walk(
                plan(scope, work.convergence.observe()),
                project: scope.project,
                report: report
            )
        }
        let result = try await Interruptible.run(work.progress) {
            try await besideOthers ? walk() : work.alone(hastening: haste, walk)
        }
        work.progress.finish()
        try await work.close()
        try result.checkAll()
        return result.plan
    }
}
