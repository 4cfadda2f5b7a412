package import Engine
package import GoTemplate
package import OCI

/// One container as docker's listings show it: facts in, the fields of a row out. Reads nothing.
package struct ContainerRow: Sendable {
    var id: String
    var name: String
    /// As the file named it.
    var image: String
    /// Program and arguments.
    var arguments: [String] = []
    var project = ""
    var service = ""
    var labels: [String: String] = [:]
    /// Names, in the order of the interfaces.
    var networks: [String] = []
    var mounts: [Mount] = []
    /// Published ones, and those that are only exposed; none while it does not run.
    var ports: [PortColumn.Port] = []
    var state: ContainerRecord.Status
    var isPaused = false
    var health: ContainerRecord.Health?
    /// As docker counts: 0 while it runs and before it ran.
    var exitCode: Int32 = 0
    var createdAt: Timestamp
    var startedAt: Timestamp?
    var finishedAt: Timestamp?
    /// What its own layer holds; nil where nobody has measured it, which docker shows as 0 B.
    var sizeBytes: Int64?
    /// That with its image; nil where nobody has measured it.
    var wholeBytes: Int64?

    /// What it was made of, as the file named it.
    package var imageName: String { image }

    /// Shows the image itself: the name leads to another one now, or to none.
    package mutating func showImage(_ id: Digest) { image = id.short }

    /// Says what it has written and what its image takes.
    package mutating func measure(written: Int64, image: Int64) {
        sizeBytes = written
        wholeBytes = written + image
    }

    /// What is mounted: a volume of this machine, a path of the host, or an image.
    enum Mount: Hashable, Sendable {
        case volume(String)
        case image(String)
        case path(String)

        var text: String {
            switch self {
            case .volume(let name), .image(let name), .path(let name): name
            }
        }
    }
}

extension ContainerRow {
    /// How docker compose's `ps` shows rows in a form.
    package static func listing(format: String) -> RowListing {
        RowListing(format: format, columns: columns, others: otherColumns)
    }

    /// How docker's `container ls` shows them.
    package static func dockerListing(format: String, withSizes: Bool = false) -> RowListing {
        RowListing(
            format: format == "raw" ? rawTemplate(withSizes: withSizes) : format,
            columns: dockerColumns + (withSizes ? [.init("Size", "SIZE")] : []),
            others: dockerOthers
        )
    }

    /// The form that `--format raw` asks for.
    private static func rawTemplate(withSizes: Bool) -> String {
        "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\n"
            + "created_at: {{.CreatedAt}}\nstate: {{.State}}\nstatus: {{.Status}}\n"
            + "names: {{.Names}}\nlabels: {{.Labels}}\nports: {{.Ports}}\n"
            + (withSizes ? "size: {{.Size}}\n" : "")
    }

    private static let dockerOthers =
        otherColumns + [
            RowListing.Column("State", "STATE"), .init("Labels", "LABELS"),
            .init("Mounts", "MOUNTS"), .init("Networks", "NETWORKS"), .init("Size", "SIZE"),
            .init("Platform", "PLATFORM"),
        ]

    /// A row of docker's: what docker compose has besides is not there.
    package func dockerRow(truncates: Bool, now: Timestamp) -> GoMap {
        let others: Set = [
            "ExitCode", "Health", "Name", "Project", "Publishers", "Service", "Size",
        ]
        var members = fields(truncates: truncates, now: now).filter { !others.contains($0.key) }
        let written = HumanSize.decimal(sizeBytes ?? 0)
        let size = wholeBytes.map { "\(written) (virtual \(HumanSize.decimal($0)))" } ?? written
        members += [("Platform", .null), ("Size", .string(size))]
        members.sort { $0.key < $1.key }
        return RowListing.row(members, of: "*formatter.ContainerContext") { [labels] in
            labels[$0] ?? ""
        }
    }

    /// In docker compose's order.
    private static let columns = [
        RowListing.Column("Name", "NAME"), .init("Image", "IMAGE"), .init("Command", "COMMAND"),
        .init("Service", "SERVICE"), .init("RunningFor", "CREATED"), .init("Status", "STATUS"),
        .init("Ports", "PORTS"),
    ]

    /// In docker's order.
    private static let dockerColumns = [
        RowListing.Column("ID", "CONTAINER ID"), .init("Image", "IMAGE"),
        .init("Command", "COMMAND"), .init("RunningFor", "CREATED"), .init("Status", "STATUS"),
        .init("Ports", "PORTS"), .init("Names", "NAMES"),
    ]

    /// Titles of what the plain tables do not show.
    private static let otherColumns = [
        RowListing.Column("ID", "CONTAINER ID"), .init("CreatedAt", "CREATED AT"),
        .init("ExitCode", "EXIT CODE"), .init("LocalVolumes", "LOCAL VOLUMES"),
    ]

    /// The members of docker compose's JSON, in its order and of its types.
    package func fields(truncates: Bool, now: Timestamp) -> [(key: String, value: GoValue)] {
        [
            ("Command", .string(command(truncates: truncates))),
            ("CreatedAt", .string(HumanTime.local(createdAt))),
            ("ExitCode", .integer(Int64(exitCode))),
            ("Health", .string(health?.rawValue ?? "")),
            ("ID", .string(truncates ? String(id.prefix(12)) : id)),
            ("Image", .string(image)),
            ("Labels", .string(labelText)),
            ("LocalVolumes", .string("\(localVolumes)")),
            ("Mounts", .string(mountText(truncates: truncates))),
            ("Name", .string(name)),
            ("Names", .string(name)),
            ("Networks", .string(networks.joined(separator: ","))),
            ("Ports", .string(PortColumn.text(ports))),
            ("Project", .string(project)),
            ("Publishers", .list(publishers)),
            ("RunningFor", .string(Self.ago(createdAt, now))),
            ("Service", .string(service)),
            ("Size", .string(HumanSize.decimal(sizeBytes ?? 0))),
            ("State", .string(isPaused ? "paused" : state.rawValue)),
            ("Status", .string(status(now: now))),
        ]
    }

    /// The same for templates, which have `.Label "name"` besides.
    package func row(truncates: Bool, now: Timestamp) -> GoMap {
        RowListing.row(
            fields(truncates: truncates, now: now),
            of: "*formatter.ContainerContext"
        ) { [labels] in labels[$0] ?? "" }
    }
}

extension ContainerRow {
    /// What runs, in Go's quotes; an argument with a blank in it stands in quotes of its own.
    private func command(truncates: Bool) -> String {
        let words = arguments.enumerated().map { index, word in
            index > 0 && word.contains(" ") ? "'\(word)'" : word
        }
        let text = words.joined(separator: " ")
        return GoValue.quoted(truncates ? Ellipsis.cut(text, to: 20) : text)
    }

    private var labelText: String {
        labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
    }

    private var localVolumes: Int {
        mounts.count { mount in
            if case .volume = mount { true } else { false }
        }
    }

    private func mountText(truncates: Bool) -> String {
        mounts.map { truncates ? Ellipsis.cut($0.text, to: 15) : $0.text }.joined(separator: ",")
    }

    /// One object a port, by the container's port; an exposed one has no address and 0 outside.
    private var publishers: [GoValue] {
        PortColumn.ordered(ports).map { port in
            .map(
                GoMap(
                    [
                        ("URL", .string(port.address ?? "")),
                        ("TargetPort", .integer(Int64(port.target))),
                        ("PublishedPort", .integer(Int64(port.published ?? 0))),
                        ("Protocol", .string(port.transport)),
                    ],
                    missing: .unknownField(of: "api.PortPublisher")
                )
            )
        }
    }

    /// `Up 3 minutes (healthy)`, `Exited (1) 5 seconds ago`.
    private func status(now: Timestamp) -> String {
        switch state {
        case .created: return "Created"
        case .running:
            let up = "Up \(Self.words(startedAt ?? createdAt, now))"
            if isPaused { return "\(up) (Paused)" }
            guard let health else { return up }
            return "\(up) (\(health == .starting ? "health: starting" : health.rawValue))"
        case .restarting: return Self.ended("Restarting", exitCode, finishedAt, now)
        case .exited: return Self.ended("Exited", exitCode, finishedAt, now)
        }
    }

    private static func ended(
        _ word: String,
        _ code: Int32,
        _ time: Timestamp?,
        _ now: Timestamp
    ) -> String {
        ["\(word) (\(code))", time.map { ago($0, now) }].compactMap { $0 }.joined(separator: " ")
    }

    private static func ago(_ time: Timestamp, _ now: Timestamp) -> String {
        "\(words(time, now)) ago"
    }

    private static func words(_ start: Timestamp, _ end: Timestamp) -> String {
        HumanDuration.text(.nanoseconds(max(0, end.nanoseconds - start.nanoseconds)))
    }
}
