import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine

/// Where a port of a service is published.
struct Port: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port",
        abstract: "Show at which address of this machine a port of a service is published."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        help: ArgumentHelp("tcp or udp.", valueName: "name"),
        completion: .list(["tcp", "udp"])
    )
    var `protocol` = "tcp"

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @Argument(help: "The service.", completion: .services)
    var service: String

    @Argument(help: ArgumentHelp("The container's port.", valueName: "private-port"))
    var port: UInt16

    func run() async throws {
        let (container, _) = try await ProjectScope(project).runningContainer(
            of: service,
            index: index,
            in: Session.openIfAny()
        )
        let published = PublishedPorts(container.published)
        guard let place = published.first(of: port, `protocol`.lowercased()) else {
            throw Failure(
                "no port \(port)/\(`protocol`) for container \(container.name): "
                    + (published.lines.isEmpty
                        ? "it publishes none" : published.lines.joined(separator: ", "))
            )
        }
        Terminal.line(place)
    }
}
