import ArgumentParser
import DockerViews
import Engine
import GoTemplate
import SystemPackage

/// The project's volumes.
struct VolumesOfProject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volumes",
        abstract: "List the project's volumes.",
        discussion: "Of named services those that their containers mount."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        help: "table, json (one object a line), or a template of {{.Field}}.",
        completion: .formats
    )
    var format = "table"

    @Flag(name: .shortAndLong, help: "The names alone.")
    var quiet = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        let containers = try await scope.containers(of: services, in: session, withOneOff: true)
        let mounted = Set(containers.flatMap { $0.volumes.map(\.volume) })
        let observed = try await session?.engine.observe(project: scope.name)
        let volumes = (observed?.volumes ?? []).filter { volume in
            volume.project == scope.name && !volume.isAnonymous
                && (services.isEmpty || mounted.contains(volume.name))
        }.sorted { $0.name < $1.name }
        guard !quiet else {
            for volume in volumes { Terminal.line(volume.name) }
            return
        }
        guard let session else { return try VolumeRow.listing(format: format).write([GoMap]()) }
        try VolumeRow.listing(format: format).write(
            volumes.map { VolumeRow.row($0, at: session.layout.volumeData($0.name).string) }
        )
    }
}
