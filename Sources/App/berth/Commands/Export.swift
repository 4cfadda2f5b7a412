import ArgumentParser
import Engine

/// A service's container as a tar, docker compose's way.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a service container's file system as a tar archive, without its volumes."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @OptionGroup var target: ArchiveTarget

    @Argument(help: "The service.", completion: .services)
    var service: String

    func run() async throws {
        let scope = try ProjectScope(project)
        let (container, session) = try await scope.container(
            of: service,
            index: index,
            in: Session.openIfAny()
        )
        if project.dryRun { return DryRun.show("export container \(container.name)") }
        try await session.export(container.id, to: target.output)
    }
}

/// An image from a service's container, docker compose's way.
struct Commit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract: "Make an image of a service's container with what it changed."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @OptionGroup var options: CommitOptions

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @Argument(help: "The service.", completion: .services)
    var service: String

    @Argument(
        help: ArgumentHelp("The image's name.", valueName: "repository[:tag]"),
        completion: .images
    )
    var name: String?

    func run() async throws {
        let request = try options.request(name)
        let scope = try ProjectScope(project)
        let (container, session) = try await scope.container(
            of: service,
            index: index,
            in: Session.openIfAny()
        )
        if project.dryRun { return DryRun.show("commit container \(container.name)") }
        try await session.commit(container.id, request)
    }
}

extension ProjectScope {
    /// One container of a service, running or not: that of a number, or the first. There is none
    /// without a session.
    fileprivate func container(
        of service: String,
        index: Int?,
        in session: Session?
    ) async throws -> (ContainerRecord, Session) {
        let all = try await containers(of: [service], in: session).map(\.record)
            .sorted { ($0.number ?? 0) < ($1.number ?? 0) }
        guard let session, let chosen = all.first(where: { index == nil || $0.number == index })
        else {
            throw Failure(
                index.map { "service \"\(service)\" has no container #\($0)" }
                    ?? "service \"\(service)\" has no container: `berth up` makes one"
            )
        }
        return (chosen, session)
    }
}
