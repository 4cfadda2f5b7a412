package import Engine
package import GoTemplate
import OCI

/// One line of `image ls`: an image under one of its names.
package struct ImageRow: Sendable {
    private let image: KnownImage
    private let repository: String
    private let tag: String
    private let digest: String
    private let truncates: Bool
    private let now: Timestamp
    /// What only `system df -v` knows.
    var sizes: (shared: Int64, containers: Int)?

    /// The rows of an image: one per tag, or per tag and digest where digests are asked for.
    package static func rows(
        of image: KnownImage,
        withDigests: Bool,
        truncates: Bool,
        now: Timestamp = .now()
    ) -> [ImageRow] {
        func row(_ repository: String?, _ tag: String?, _ digest: Digest?) -> ImageRow {
            ImageRow(
                image: image,
                repository: repository ?? "<none>",
                tag: tag ?? "<none>",
                digest: digest?.description ?? "<none>",
                truncates: truncates,
                now: now
            )
        }
        guard !image.tags.isEmpty || !image.digests.isEmpty else { return [row(nil, nil, nil)] }
        let allTags = Dictionary(grouping: image.tags, by: \.familiarName)
        let allDigests = Dictionary(grouping: image.digests, by: \.familiarName)
        return Set(allTags.keys).union(allDigests.keys).sorted().flatMap { repository in
            let tags = allTags[repository] ?? []
            let digests = allDigests[repository] ?? []
            guard withDigests, !digests.isEmpty else {
                return tags.isEmpty
                    ? [row(repository, nil, nil)] : tags.map { row(repository, $0.tag, nil) }
            }
            guard !tags.isEmpty else { return digests.map { row(repository, nil, $0.digest) } }
            return tags.flatMap { tag in
                digests.map { row(repository, tag.tag, $0.digest) }
            }
        }
    }

    private init(
        image: KnownImage,
        repository: String,
        tag: String,
        digest: String,
        truncates: Bool,
        now: Timestamp
    ) {
        self.image = image
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.truncates = truncates
        self.now = now
    }

    var id: String { truncates ? image.record.id.short : image.record.id.description }

    private var size: String { image.sizeBytes.map { HumanSize.decimal($0) } ?? "N/A" }

    private var uniqueSize: String {
        guard let sizes, let bytes = image.sizeBytes else { return "N/A" }
        return HumanSize.decimal(bytes - sizes.shared)
    }

    /// Go's zero, which builds write that want no time in an image.
    private static let zero = "0001-01-01T00:00:00Z"
    private var hasNoTime: Bool { image.configuration.created == Self.zero }
    /// An image that does not say when it was made counts from 1970, as with docker.
    private var moment: Timestamp { image.created ?? Timestamp(nanoseconds: 0) }

    private var createdAt: String {
        hasNoTime ? "0001-01-01 00:00:00 +0000 UTC" : HumanTime.local(moment)
    }

    private var createdSince: String {
        hasNoTime ? "N/A" : HumanTime.ago(moment, now: now)
    }

    /// In the order of docker's JSON.
    package var fields: GoMap {
        RowListing.row([
            ("Containers", sizes.map { "\($0.containers)" } ?? "N/A"),
            ("CreatedAt", createdAt), ("CreatedSince", createdSince), ("Digest", digest),
            ("ID", id), ("Repository", repository),
            ("SharedSize", sizes.map { HumanSize.decimal($0.shared) } ?? "N/A"), ("Size", size),
            ("Tag", tag),
            ("UniqueSize", uniqueSize), ("VirtualSize", size),
        ])
    }

    typealias Column = RowListing.Column

    private static func columns(withDigests: Bool) -> [Column] {
        [Column("Repository", "REPOSITORY"), Column("Tag", "TAG")]
            + (withDigests ? [Column("Digest", "DIGEST")] : [])
            + [
                Column("ID", "IMAGE ID"), Column("CreatedSince", "CREATED"), Column("Size", "SIZE"),
            ]
    }

    /// How `image ls` shows rows in a form: the plain table, `raw`, `json`, a template.
    package static func listing(
        format: String,
        withDigests: Bool,
        onlyIdentifiers: Bool = false
    ) -> RowListing {
        let text =
            switch format {
            case "", "table": onlyIdentifiers ? "{{.ID}}" : "table"
            case "raw":
                onlyIdentifiers ? "image_id: {{.ID}}" : rawTemplate(withDigests: withDigests)
            default: format
            }
        return RowListing(
            format: text,
            columns: columns(withDigests: withDigests),
            others: others
        )
    }

    /// Titles of what the plain table does not show.
    private static let others = [
        Column("Digest", "DIGEST"), Column("CreatedAt", "CREATED AT"),
        Column("SharedSize", "SHARED SIZE"), Column("UniqueSize", "UNIQUE SIZE"),
        Column("Containers", "CONTAINERS"), Column("VirtualSize", "SIZE"),
    ]

    /// The form that `--format raw` asks for.
    static func rawTemplate(withDigests: Bool) -> String {
        "repository: {{.Repository}}\ntag: {{.Tag}}\n"
            + (withDigests ? "digest: {{.Digest}}\n" : "")
            + "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n"
    }
}
