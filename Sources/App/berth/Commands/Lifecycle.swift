import ArgumentParser
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
        _ = try await project.walk(services) { [services, wait] scope, observed in
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
        _ = try await project.walk(services, hastening: .some(grace)) {
            [services] scope, observed in
            Plan.stop(
                scope.project,
                observed: observed,
                services: services,
                grace: grace
            )
        }
        guard !project.dryRun else { return }
        try await ProjectScope(project).providers(services, project.makeProgress()).tell(.stop)
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
        _ = try await project.walk(services, hastening: .some(grace), stopsFirst: true) {
            [services, noDependents] scope, observed in
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
