import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import GoTemplate
import OCI

/// The images that the project's containers are made from.
struct ImagesOfProject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "List the images that the project's containers are made from.",
        discussion: "All images of this machine: image ls."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(help: "table or json.", completion: .formats)
    var format = "table"

    @Flag(name: .shortAndLong, help: "The identifiers alone.")
    var quiet = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        guard ["table", "json"].contains(format) else {
            throw ValidationError("--format takes table or json, not \(format)")
        }
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        var containers: [ObservedContainer] = []
        if let session { containers = try await scope.containers(of: services, in: session) }
        let images = Dictionary(
            try await KnownImage.all(in: session).map { ($0.record.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        if quiet {
            var seen: Set<Digest> = []
            for container in containers where seen.insert(container.record.image).inserted {
                Terminal.line(container.record.image.hex)
            }
            return
        }
        let now = Timestamp.now()
        let rows = containers.sorted { $0.record.name < $1.record.name }.map { container in
            ProjectImageRow.fields(
                container.record.name,
                of: container.record.image,
                // A spec that nobody can read has no name.
                madeAs: try? container.record.spec.imageName,
                images[container.record.image]
            )
        }
        guard format == "table" else {
            return Terminal.line(GoValue.list(rows.map { .map($0) }).json)
        }
        try ProjectImageRow.listing.write(rows.map { ProjectImageRow.shown($0, now: now) })
    }
}
