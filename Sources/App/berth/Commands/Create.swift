import ArgumentParser
import Compose
import OrderedCollections
import Reconciler

/// Makes the containers and starts none: `up --no-start` in docker compose's other words.
struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make the project's containers, networks and volumes, and start nothing."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(help: "Build images before.")
    var build = false

    @Flag(
        name: .customLong("no-build"),
        help: "Build nothing: an image that is missing is an error."
    )
    var noBuild = false

    @Option(
        help: ArgumentHelp("always, missing, never or build.", valueName: "when"),
        completion: .list(["always", "missing", "never", "build"])
    )
    var pull: String?

    @Flag(name: .customLong("quiet-pull"), help: "Do not show the layers of images that arrive.")
    var quietPull = false

    @Flag(name: .customLong("force-recreate"), help: "Recreate containers that did not change.")
    var forceRecreate = false

    @Flag(name: .customLong("no-recreate"), help: "Leave containers as they are.")
    var noRecreate = false

    @Flag(name: .customLong("remove-orphans"), help: "Remove containers of no service.")
    var removeOrphans = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Number of containers of a service.", valueName: "service=n"),
        completion: .scales
    )
    var scale: [String] = []

    @Flag(name: .shortAndLong, help: "Accepted: nothing is asked.")
    var yes = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws { _ = try flags() }

    func run() async throws {
        let flags = try flags()
        let loaded = try project.load(services: services)
        guard !loaded.project.services.isEmpty else { throw Failure("no service selected") }
        try flags.check(against: loaded.project)
        let session = try Session.open()
        let options = try flags.options(services: services, loaded.environment)
        if project.dryRun {
            Terminal.line("DRY-RUN MODE: nothing is changed; this would be done:", to: .error)
            return try await PlanCommand.describe(loaded, options, session)
        }
        let work = try ProjectWork(
            on: loaded.project.name,
            of: loaded.project,
            session: session,
            progress: project.makeProgress(),
            parallel: project.parallelLimit(in: loaded.environment),
            builds: ProjectImages.BuildOptions(pullsQuietly: quietPull)
        )
        let (report, wanted) = (work.report, loaded.project)
        let result = try await loaded.placing {
            try await Interruptible.run(work.progress) {
                try await work.alone(hastening: Hastening(options, of: wanted)) {
                    try await work.convergence.up(wanted, options: options, report: report)
                }
            }
        }
        work.progress.finish()
        try await work.close()
        try result.checkAll()
    }

    /// The same wishes as `up` has them.
    private func flags() throws -> UpFlags {
        var flags = try UpFlags.parse([])
        flags.build = build || pull == "build"
        flags.noBuild = noBuild
        flags.pull = pull == "build" ? nil : pull
        flags.forceRecreate = forceRecreate
        flags.noRecreate = noRecreate
        flags.removeOrphans = removeOrphans
        flags.scale = scale
        flags.noStart = true
        try flags.validate()
        return flags
    }
}
