import ArgumentParser
import Compose
import Reconciler

/// Sends the images of services.
struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push the images of the services that are built here."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .customLong("include-deps"), help: "What the services depend on, too.")
    var includeDependencies = false

    @Flag(name: .customLong("ignore-push-failures"), help: "Go on when an image cannot be sent.")
    var ignoreFailures = false

    @Flag(name: .shortAndLong, help: "Do not show progress.")
    var quiet = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let loaded = try project.loadImages(services: services)
        let session = try Session.open()
        try await session.recover()
        let transfers = try ImageTransfers.pushes(
            of: loaded.project,
            services: services,
            withDependencies: includeDependencies
        )
        if project.dryRun { return DryRun.show(transfers, verb: "push") }
        let work = try ImageTransferWork(project, session, loaded, isQuiet: quiet)
        let failures = try await work.run(transfers, doing: "Pushing", done: "Pushed") {
            reference in
            _ = try await work.images.push(reference)
        }
        try work.check(failures, ignoring: ignoreFailures)
    }
}
