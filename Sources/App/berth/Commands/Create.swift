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

    @OptionGroup var making: MakingFlags

    @Flag(help: "Build images before.")
    var build = false

    @Option(
        help: ArgumentHelp("always, missing, never or build.", valueName: "when"),
        completion: .list(["always", "missing", "never", "build"])
    )
    var pull: String?

    @Flag(name: .customLong("quiet-pull"), help: "Do not show the layers of images that arrive.")
    var quietPull = false

    @Flag(
        name: .shortAndLong,
        help: "Make volumes again that the file says otherwise: their data is lost."
    )
    var yes = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws { _ = try flags() }

    func run() async throws {
        let flags = try flags()
        let loaded = try project.load(services: services)
        guard loaded.project.hasServices || project.allResources else {
            throw Failure("no service selected")
        }
        try flags.check(against: loaded.project)
        var options = try flags.options(services: services, loaded.environment)
        options.renewsVolumes = yes
        options.allResources = project.allResources
        let work = try await project.converging(
            loaded,
            options,
            ProjectImages.BuildOptions(pullsQuietly: quietPull)
        )
        try await work?.bringUp(loaded, options)
    }

    /// The same wishes as `up` has them.
    private func flags() throws -> UpFlags {
        var flags = try UpFlags.parse([])
        flags.build = build || pull == "build"
        flags.pull = pull == "build" ? nil : pull
        flags.making = making
        flags.noStart = true
        try flags.validate()
        return flags
    }
}
