import Engine
package import GoTemplate
import OCI

extension DiskUseReport {
    typealias Column = RowListing.Column

    /// Everything one by one, for templates and JSON: lists under the names of docker's.
    package func document(truncates: Bool) -> GoMap {
        func list(_ rows: [GoMap]) -> GoValue { .list(rows.map { .map($0) }) }
        return GoMap(
            [
                ("Images", list(imageRows(truncates: truncates))),
                ("Containers", list(containerRows(truncates: truncates))),
                ("Volumes", list(volumeRows)),
                ("BuildCache", list(cacheRows(truncates: truncates))),
            ],
            missing: .unknownField(of: "*formatter.diskUsageContext")
        )
    }

    /// The four sections of `df -v`.
    package func details() throws -> [String] {
        var lines = try section(
            "Images space usage:",
            Self.imageColumns,
            imageRows(truncates: true)
        )
        if use.blobBytes > 0 {
            lines += [
                "",
                "Blobs that images came as, kept for `image push` and `image save`: "
                    + HumanSize.decimal(use.blobBytes),
            ]
        }
        if use.leftBytes > 0 {
            lines += [
                "",
                "Left by interrupted pulls and removed images: "
                    + "\(HumanSize.decimal(use.leftBytes)) (`image prune` removes it)",
            ]
        }
        lines.append("")
        lines += try section(
            "Containers space usage:",
            Self.containerColumns,
            containerRows(truncates: true)
        )
        lines.append("")
        lines += try section(
            "Local Volumes space usage:",
            [Column("Name", "VOLUME NAME"), Column("Links", "LINKS"), Column("Size", "SIZE")],
            volumeRows
        )
        lines.append("")
        lines += try section(
            "Build cache usage: \(HumanSize.decimal(cacheBytes))",
            [
                Column("ID", "CACHE ID"), Column("CacheType", "CACHE TYPE"),
                Column("Size", "SIZE"), Column("CreatedSince", "CREATED"),
                Column("LastUsedSince", "LAST USED"), Column("UsageCount", "USAGE"),
                Column("Shared", "SHARED"),
            ],
            cacheRows(truncates: true)
        )
        return lines
    }

    private func section(
        _ title: String,
        _ columns: [Column],
        _ rows: [GoMap]
    ) throws -> [String] {
        try [title, ""] + RowListing(format: "table", columns: columns).lines(rows)
    }

    private static let imageColumns = [
        Column("Repository", "REPOSITORY"), Column("Tag", "TAG"), Column("ID", "IMAGE ID"),
        Column("CreatedSince", "CREATED"), Column("Size", "SIZE"),
        Column("SharedSize", "SHARED SIZE"), Column("UniqueSize", "UNIQUE SIZE"),
        Column("Containers", "CONTAINERS"),
    ]
    private static let containerColumns = [
        Column("ID", "CONTAINER ID"), Column("Image", "IMAGE"), Column("Command", "COMMAND"),
        Column("LocalVolumes", "LOCAL VOLUMES"), Column("Size", "SIZE"),
        Column("RunningFor", "CREATED"), Column("Status", "STATUS"), Column("Names", "NAMES"),
    ]

    /// Under its first name only, as docker has it: an image takes its room once.
    private func imageRows(truncates: Bool) -> [GoMap] {
        use.images.compactMap { item in
            var row = ImageRow.rows(of: item.image, withDigests: false, truncates: truncates).first
            row?.sizes = (item.shared, item.containers)
            return row?.fields
        }
    }

    private func containerRows(truncates: Bool) -> [GoMap] {
        let wanted: Set = [
            "Command", "CreatedAt", "ID", "Image", "Labels", "LocalVolumes", "Mounts", "Names",
            "Networks", "Ports", "RunningFor", "Size", "State", "Status",
        ]
        let now = Timestamp.now()
        return use.containers.map { container, bytes in
            var container = ContainerRow(container)
            container.sizeBytes = bytes
            return RowListing.row(
                container.fields(truncates: truncates, now: now).filter { wanted.contains($0.key) },
                of: "*formatter.ContainerContext"
            ) { [labels = container.labels] in labels[$0] ?? "" }
        }
    }

    private var volumeRows: [GoMap] {
        use.volumes.map { item in
            let labels = item.volume.labels
            return RowListing.row([
                ("Availability", "N/A"), ("Driver", item.volume.driver), ("Group", "N/A"),
                (
                    "Labels",
                    labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
                ), ("Links", "\(item.links)"), ("Mountpoint", item.path),
                ("Name", item.volume.name), ("Scope", "local"),
                ("Size", HumanSize.decimal(item.bytes)), ("Status", "N/A"),
            ]) { labels[$0] ?? "" }
        }
    }

    private func cacheRows(truncates: Bool) -> [GoMap] {
        let now = Timestamp.now()
        return use.cache.map { item in
            RowListing.row([
                ("CacheType", item.kind),
                ("CreatedAt", HumanTime.precise(item.created)),
                ("CreatedSince", HumanTime.ago(item.created, now: now)),
                ("Description", item.text),
                ("ID", truncates ? String(item.id.prefix(12)) : item.id),
                ("InUse", "\(item.isInUse)"),
                ("LastUsedAt", HumanTime.precise(item.lastUsed)),
                ("LastUsedSince", HumanTime.ago(item.lastUsed, now: now)),
                ("Parent", ""), ("Shared", "\(item.isShared)"),
                ("Size", HumanSize.decimal(item.bytes)),
                ("UsageCount", item.uses.map { "\($0)" } ?? "N/A"),
            ])
        }
    }

    /// The form that `--format raw` asks for; with `-v`, one entry after another.
    static let rawTemplate =
        "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\n"
        + "reclaimable: {{.Reclaimable}}\n"
    /// Of `document`.
    package static let rawDetailsTemplate =
        "{{range .Images}}type: Image\n\(ImageRow.rawTemplate(withDigests: true))\n{{end -}}"
        + "{{range .Containers}}type: Container\ncontainer_id: {{.ID}}\nimage: {{.Image}}\n"
        + "command: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{.State}}\n"
        + "status: {{.Status}}\nnames: {{.Names}}\nlabels: {{.Labels}}\nports: {{.Ports}}\n"
        + "size: {{.Size}}\n\n{{end -}}{{range .Volumes}}type: Volume\nname: {{.Name}}\n"
        + "driver: {{.Driver}}\nsize: {{.Size}}\n\n{{end -}}{{range .BuildCache}}"
        + "type: Build Cache\ncache_id: {{.ID}}\ncache_type: {{.CacheType}}\nsize: {{.Size}}\n"
        + "shared: {{.Shared}}\n\n{{end -}}"
}
