package import Engine
package import GoTemplate

/// One line of docker's `volume ls`.
package enum VolumeRow {
    /// How it is shown in a form.
    package static func listing(format: String, onlyIdentifiers: Bool = false) -> RowListing {
        let text =
            switch format {
            case "", "table": onlyIdentifiers ? "{{.Name}}" : format
            case "raw":
                onlyIdentifiers ? "name: {{.Name}}" : "name: {{.Name}}\ndriver: {{.Driver}}\n"
            default: format
            }
        return RowListing(
            format: text,
            columns: [.init("Driver", "DRIVER"), .init("Name", "VOLUME NAME")],
            others: [
                .init("Scope", "SCOPE"), .init("Mountpoint", "MOUNTPOINT"),
                .init("Labels", "LABELS"), .init("Links", "LINKS"), .init("Size", "SIZE"),
            ]
        )
    }

    /// The members of docker's JSON, in its order. `path` is what containers see of the volume.
    package static func row(_ volume: VolumeRecord, at path: String) -> GoMap {
        let labels = volume.labels
        let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
        return RowListing.row(
            [
                ("Availability", .string("N/A")), ("Driver", .string(volume.driver)),
                ("Group", .string("N/A")), ("Labels", .string(text)), ("Links", .string("N/A")),
                ("Mountpoint", .string(path)), ("Name", .string(volume.name)),
                ("Scope", .string("local")), ("Size", .string("N/A")), ("Status", .string("N/A")),
            ],
            of: "*formatter.volumeContext"
        ) { labels[$0] ?? "" }
    }
}
