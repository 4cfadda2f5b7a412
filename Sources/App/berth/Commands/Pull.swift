import ArgumentParser
import Compose
import Reconciler

/// Fetches the images of services.
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Pull the images of the services."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        help: ArgumentHelp(
            "missing or always; as each service's pull_policy says when left out.",
            valueName: "when"
        ),
        completion: .list(["missing", "always"])
    )
    var policy: String?

    @Flag(name: .customLong("include-deps"), help: "What the services depend on, too.")
    var includeDependencies = false

    @Flag(name: .customLong("ignore-pull-failures"), help: "Go on when an image cannot be had.")
    var ignoreFailures = false

    @Flag(name: .customLong("ignore-buildable"), help: "Leave out what can be built.")
    var ignoreBuildable = false

    @Flag(name: .shortAndLong, help: "Do not show progress.")
    var quiet = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        guard ["missing", "always", nil].contains(policy) else {
            throw ValidationError("--policy takes missing or always, not \(policy ?? "")")
        }
    }

    private var chosenPolicy: ImageTransfers.Policy {
        switch policy {
        case "always": .always
        case "missing": .missing
        default: .asWritten
        }
    }

    func run() async throws {
        let loaded = try project.loadImages(services: services)
        let session = try Session.open()
        try await session.recover()
        let known = try await KnownImages(to: session.engine, of: loaded.project)
        let here = Set(known.services.values.map(\.reference))
        let transfers = try ImageTransfers.pulls(
            of: loaded.project,
            services: services,
            withDependencies: includeDependencies,
            policy: chosenPolicy,
            ignoringBuildable: ignoreBuildable,
            isHere: { here.contains($0) }
        )
        if project.dryRun { return DryRun.show(transfers, verb: "pull") }
        let work = try ImageTransferWork(project, session, loaded, isQuiet: quiet)
        let failures = try await work.run(transfers, doing: "Pulling", done: "Pulled") {
            reference in
            try await work.images.pull(reference)
        }
        let toBuild = failures.flatMap(\.image.buildable)
        if !toBuild.isEmpty {
            Terminal.line(
                "warning: Some service image(s) must be built from source by running: "
                    + "`berth build \(toBuild.joined(separator: " "))`",
                to: .error
            )
        }
        try work.check(failures, ignoring: ignoreFailures)
    }
}
