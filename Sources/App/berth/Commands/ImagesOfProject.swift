import ArgumentParser
import ContainerRuntime
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
            Self.row(
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
        try RowListing(
            format: "table",
            columns: [
                .init("ContainerName", "CONTAINER"), .init("Repository", "REPOSITORY"),
                .init("Tag", "TAG"), .init("Platform", "PLATFORM"), .init("ID", "IMAGE ID"),
                .init("Size", "SIZE"), .init("Created", "CREATED"),
            ]
        ).write(
            rows.map { row in
                var shown = row.entries
                for index in shown.indices {
                    switch (shown[index].key, shown[index].value) {
                    case ("ID", .string(let id)):
                        shown[index].value = .string(String(id.dropFirst(7).prefix(12)))
                    case ("Size", .integer(let size)):
                        shown[index].value = .string(HumanSize.decimal(size))
                    case ("Size", _): shown[index].value = .string("N/A")
                    case ("Created", .string(let text)):
                        shown[index].value = .string(HumanTime.since(Timestamp(text), now: now))
                    default: continue
                    }
                }
                return GoMap(shown)
            }
        )
    }

    /// The members of docker compose's JSON. The size of an image that is gone, or of which
    /// something is lost, is null.
    static func row(
        _ container: String,
        of id: Digest,
        madeAs name: String?,
        _ image: KnownImage?
    ) -> GoMap {
        // The name it was made by, if that still leads to the image; one that is none leads nowhere.
        let wanted = name.flatMap { try? ImageReference($0) }?.resolvable
        let names = (image?.tags ?? []) + (image?.digests ?? [])
        let tag = names.first { $0 == wanted } ?? names.first
        return GoMap([
            ("ID", .string(id.description)),
            ("ContainerName", .string(container)),
            ("Repository", .string(tag?.familiarName ?? "<none>")),
            ("Tag", .string(tag?.tag ?? "<none>")),
            ("Platform", .string(image.map { $0.configuration.platform.description } ?? "")),
            ("Size", image?.sizeBytes.map { .integer($0) } ?? .null),
            ("Created", .string(image?.configuration.created ?? "")),
            ("LastTagTime", .string(image?.names.map(\.updatedAt).max()?.description ?? "")),
        ])
    }
}
