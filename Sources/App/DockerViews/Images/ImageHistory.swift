package import Engine
package import GoTemplate
import OCI

/// How an image was made, newest step first.
package struct ImageHistory: Sendable {
    /// One step.
    package struct Entry: Sendable {
        /// The image's identifier for the newest step; nobody knows the others'.
        var id: Digest?
        var step: ImageConfiguration.History
        /// Nil when the layer is lost.
        var size: Int64?
    }

    /// Newest first.
    package let entries: [Entry]

    /// Of an image.
    package init(of image: KnownImage) {
        // A history may be longer or shorter than the layers.
        var sizes = image.layerBytes[...]
        var entries: [Entry] = []
        for step in image.configuration.history {
            let size = step.isEmptyLayer ? 0 : sizes.popFirst() ?? nil
            entries.append(Entry(step: step, size: size))
        }
        entries.reverse()
        if !entries.isEmpty { entries[0].id = image.record.id }
        self.entries = entries
    }
}

extension ImageHistory {
    /// How `image history` shows it.
    package static func listing(format: String, isHuman: Bool) -> RowListing {
        RowListing(
            format: format,
            columns: [
                .init("ID", "IMAGE"),
                isHuman ? .init("CreatedSince", "CREATED") : .init("CreatedAt", "CREATED AT"),
                .init("CreatedBy", "CREATED BY"), .init("Size", "SIZE"),
                .init("Comment", "COMMENT"),
            ],
            others: [.init("CreatedSince", "CREATED"), .init("CreatedAt", "CREATED AT")]
        )
    }
}

extension ImageHistory.Entry {
    /// The fields of docker's rows.
    package func row(isHuman: Bool, truncates: Bool, now: Timestamp) -> GoMap {
        let created = step.created.flatMap { Timestamp($0) }
        let command = (step.createdBy ?? "").replacing("\t", with: " ")
        let shown = truncates && command.count > 45 ? command.prefix(44) + "…" : command[...]
        return RowListing.row([
            ("Comment", step.comment ?? ""),
            ("CreatedAt", created.map { HumanTime.rfc3339($0) } ?? "N/A"),
            ("CreatedBy", String(shown)),
            ("CreatedSince", HumanTime.since(created, now: now)),
            ("ID", id.map { truncates ? $0.short : $0.description } ?? "<missing>"),
            ("Size", size.map { isHuman ? HumanSize.decimal($0) : "\($0)" } ?? "N/A"),
        ])
    }
}
