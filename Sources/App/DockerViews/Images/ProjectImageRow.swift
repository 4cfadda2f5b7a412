package import Engine
package import GoTemplate
package import OCI

/// One line of docker compose's `images`: a container and the image that it is made from.
package enum ProjectImageRow {
    /// The columns of the table.
    package static let listing = RowListing(
        format: "table",
        columns: [
            .init("ContainerName", "CONTAINER"), .init("Repository", "REPOSITORY"),
            .init("Tag", "TAG"), .init("Platform", "PLATFORM"), .init("ID", "IMAGE ID"),
            .init("Size", "SIZE"), .init("Created", "CREATED"),
        ]
    )

    /// The members of docker compose's JSON. The size of an image that is gone, or of which
    /// something is lost, is null.
    package static func fields(
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

    /// The same for people: identifiers are short, sizes and times are words.
    package static func shown(_ fields: GoMap, now: Timestamp) -> GoMap {
        var shown = fields.entries
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
}
