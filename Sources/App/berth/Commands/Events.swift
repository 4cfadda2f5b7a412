import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import GoTemplate

/// What happens to the project's containers.
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happens to the project's containers, until Ctrl-C or --until."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(
        help: ArgumentHelp("What happened before, too: a time, or how long ago.", valueName: "time")
    )
    var since: String?

    @Option(help: ArgumentHelp("End then.", valueName: "time"))
    var until: String?

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let now = Timestamp.now()
        let (since, until) = try TimeOption.span(since, until, now: now)
        let scope = try ProjectScope(project)
        guard let session = try Session.openIfAny() else { throw nothing(scope) }
        _ = try await scope.containers(of: services, in: session)
        if project.dryRun { return DryRun.show("show the events of project \(scope.name)") }
        let watch = EventWatch(engine: session.engine, since: since, until: until)
        var subjects = EventSubjects(engine: session.engine)
        for try await event in watch.events() {
            guard event.kind == .container, event.project == scope.name else { continue }
            let row = EventRow(event, container: try await subjects.subject(of: event))
            guard !row.isOneOff else { continue }
            guard services.isEmpty || services.contains(row.service) else { continue }
            Terminal.line(json ? row.composeJSON : row.composeText)
        }
    }

    private func nothing(_ scope: ProjectScope) -> Failure {
        Failure("project \"\(scope.name)\" has nothing on this machine; `berth up` makes it")
    }
}
