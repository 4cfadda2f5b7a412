import ArgumentParser
import Engine
import Reconciler

/// Removes what does not run.
struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove the project's stopped containers.",
        discussion: """
            Volumes stay, but for anonymous ones with -v; networks stay, too: `down` removes them.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var force = false

    @Flag(name: .shortAndLong, help: "Stop the containers first, if they run.")
    var stop = false

    @Flag(name: .shortAndLong, help: "Remove anonymous volumes, too.")
    var volumes = false

    @Flag(help: "Remove volumes also where another folder of the same name made the project.")
    var adopt = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        try await checkLosses()
        if stop {
            _ = try await project.walk(services, hastening: .some(nil)) { [services] in
                Plan.stop($0.project, observed: $1, services: services)
            }
        }
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny(isSilent: stop)
        _ = try await scope.containers(of: services, in: session)
        let observed = try await session?.engine.observe(project: scope.name)
        let candidates = observed.map { Observed($0) }?.removable(services, in: scope.project) ?? []
        guard !candidates.isEmpty else {
            return try project.makeProgress().note("No stopped containers")
        }
        let names = candidates.map(\.name).joined(separator: ", ")
        if !project.dryRun {
            if force {
                Terminal.line("Going to remove \(names)")
            } else {
                guard Confirmation.ask("Going to remove \(names)", "Are you sure?") else { return }
            }
        }
        // What was asked about, and nothing that has come to be since.
        let (ids, withVolumes, named) = (Set(candidates.map(\.id)), volumes, services)
        _ = try await project.walk(services, hastening: nil, looksOnly: true) { scope, observed in
            Plan.remove(
                observed.removable(named, in: scope.project).filter { ids.contains($0.id) },
                withAnonymousVolumes: withVolumes
            )
        }
    }

    /// Before anything is stopped.
    private func checkLosses() async throws {
        guard volumes, !adopt, let session = try Session.openIfAny(isSilent: true) else { return }
        let scope = try ProjectScope(project)
        guard let project = scope.project else { return }
        let observed = Observed(try await session.engine.observe(project: scope.name))
        let extent = scope.extent(of: services)
        let plan = Plan.remove(
            observed.containers.filter { extent.contains($0.service) },
            withAnonymousVolumes: true
        )
        try plan.checkLosses(of: project, observed: observed)
    }
}
