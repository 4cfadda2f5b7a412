import ArgumentParser
import Compose
import OrderedCollections
import Reconciler

/// Keeps containers like the files that they are made from.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Bring the project up, and do what develop.watch says when files change.",
        discussion: """
            Ends with Ctrl-C and leaves running what runs. Of rules with the actions sync, \
            sync+restart and sync+exec files are copied into the running containers.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .customLong("no-up"), help: "Do not bring the project up before.")
    var noUp = false

    @Flag(inversion: .prefixedNo, help: "Remove images that a rebuild leaves without a name.")
    var prune = true

    @Flag(help: "Do not show the steps of builds.")
    var quiet = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        var loaded = try project.load(services: services)
        guard !loaded.project.services.isEmpty else { throw Failure("no service selected") }
        let plan = try await loaded.placing { try WatchPlan(loaded.project, services: services) }
        if !noUp { loaded.buildsWatched() }
        var options = UpOptions()
        options.services = services
        if project.dryRun {
            if !noUp { _ = try await project.converging(loaded, options) }
            return DryRun.show(plan.paths.map { "watch \($0)" }.joined(separator: "\n"))
        }
        let session = try Session.open()
        let watching = try project.watching(
            loaded,
            plan,
            session,
            builds: ProjectImages.BuildOptions(isQuiet: quiet, pullsQuietly: true),
            prunes: prune,
            services: services,
            load: { [project, services] in try project.load(services: services) }
        ) { Terminal.line($0) }
        let tree = try await watching.begin()
        if !noUp,
            let work = try await project.converging(
                loaded,
                options,
                .init(isQuiet: quiet, pullsQuietly: true)
            )
        {
            try await work.bringUp(loaded, options)
        }
        try await Interruptible.run(project.makeProgress()) {
            try await watching.follow(tree)
        }
    }
}

extension LoadedProject {
    /// As docker compose, the images of services that are watched are built before.
    mutating func buildsWatched() {
        for name in WatchPlan.built(of: project) { project.services[name]?.pullPolicy = .build }
    }
}

extension ProjectOptions {
    /// What `watch` and `up --watch` share; `load` is how the project was loaded.
    func watching(
        _ loaded: LoadedProject,
        _ plan: WatchPlan,
        _ session: Session,
        builds: ProjectImages.BuildOptions,
        prunes: Bool = true,
        services: [String],
        load: @escaping @Sendable () throws -> LoadedProject,
        _ say: @escaping @Sendable (String) async -> Void
    ) throws -> ProjectWatching {
        let parallel = try parallelLimit(in: loaded.environment)
        let options = self
        return ProjectWatching(
            project: loaded.project,
            plan: plan,
            session: session,
            makeWork: {
                try ProjectWork(
                    on: loaded.project.name,
                    of: loaded.project,
                    session: session,
                    progress: options.makeProgress(),
                    parallel: parallel,
                    builds: builds
                )
            },
            prunes: prunes,
            again: {
                let loaded = try load()
                return try options.watching(
                    loaded,
                    WatchPlan(loaded.project, services: services),
                    session,
                    builds: builds,
                    prunes: prunes,
                    services: services,
                    load: load,
                    say
                )
            },
            say: say
        )
    }
}
