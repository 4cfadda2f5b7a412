import ArgumentParser
import Compose

/// The project as a picture: what it is made of, and what needs what.
struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draw the services with what they need: each other, networks, volumes, ports.",
        discussion: """
            Reads the compose file alone; env files and what runs do not matter. mermaid is for \
            README files, dot for Graphviz: `berth graph --format dot | dot -Tsvg > graph.svg`.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        help: ArgumentHelp("picture, mermaid, dot or json.", valueName: "format"),
        completion: .list(Format.allCases.map(\.rawValue))
    )
    var format = Format.picture

    @Argument(
        help: "Services, with what they depend on; all when none is named.",
        completion: .services
    )
    var services: [String] = []

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case picture, mermaid, dot, json
    }

    func run() throws {
        let loaded = try project.loadToDraw(services: services)
        let graph = ProjectGraph(loaded.project, order: loaded.serviceNames)
        let text =
            switch format {
            case .picture: graph.picture()
            case .mermaid: graph.mermaid()
            case .dot: graph.dot()
            case .json: graph.json()
            }
        Terminal.write(text)
    }
}
