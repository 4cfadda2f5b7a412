import ArgumentParser
import DockerViews
import Engine

/// What runs in the project's containers.
struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show the processes of the project's containers."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        let containers = try await scope.containers(of: services, in: session, withOneOff: true)
            .filter { $0.initPID != nil }.sorted { $0.record.name < $1.record.name }
        guard let session, !containers.isEmpty else { return }
        let table = try ProcessTable()
        var rows: [[String]] = []
        for container in containers {
            let record = container.record
            let processes = try await session.engine.processes(of: record)
            rows += table.rows(processes).map { row in
                [record.service ?? "", record.number.map { "\($0)" } ?? ""] + row
            }
        }
        let lines = Table(
            header: ["SERVICE", "#"] + table.titles,
            rows: rows,
            minimumWidth: 4,
            gap: 2
        ).lines()
        for line in lines { Terminal.line(line) }
    }
}
