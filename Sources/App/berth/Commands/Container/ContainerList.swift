import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import OCI

extension ContainerGroup {
    /// Every container of the machine.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List containers, of every project and of none.",
            aliases: ["list", "ps"]
        )

        @Flag(name: .shortAndLong, help: "Those that do not run, too.")
        var all = false

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "ancestor, before, exited, expose, health, id, label, name, network, publish, since, "
                    + "status, volume.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(
            help: """
                table, json (one object a line), raw, or a template of {{.Field}}; without it what \
                psFormat in docker's config.json says.
                """,
            completion: .formats
        )
        var format = ""

        @Option(
            name: [.customShort("n"), .customLong("last")],
            help: ArgumentHelp("The newest, in any state.", valueName: "number")
        )
        var last = -1

        @Flag(name: .shortAndLong, help: "The newest one, in any state.")
        var latest = false

        @Flag(name: .customLong("no-trunc"), help: "Do not shorten what is long.")
        var noTrunc = false

        @Flag(name: .shortAndLong, help: "The identifiers alone.")
        var quiet = false

        @Flag(name: .shortAndLong, help: "What each has written, and that with its image.")
        var size = false

        func run() async throws {
            let filters = try ContainerFilters(filter)
            let limit = latest ? 1 : last
            var shown: [ObservedContainer] = []
            let session = try Session.openIfAny()
            if let session {
                let meant = try await session.meant(by: filters)
                let isSeen = all || limit > 0 || filters.asksForStates
                let found = try await session.supervising {
                    try await session.engine.observe(project: nil).containers
                }
                if !quiet { try session.tellOfLostPorts(found) }
                shown =
                    try found
                    .filter { container in
                        let runs = [.running, .restarting].contains(container.record.status)
                        return try (isSeen || runs) && filters.show(container, meant)
                    }
                    .sorted { $0.record.createdAt > $1.record.createdAt }
                if limit > 0 { shown = Array(shown.prefix(limit)) }
            }
            if quiet {
                if !format.isEmpty {
                    Terminal.line(
                        "WARNING: Ignoring custom format, because both --format and --quiet are set.",
                        to: .error
                    )
                }
                for container in shown {
                    let id = container.record.id
                    Terminal.line(noTrunc ? id.text : id.short)
                }
                return
            }
            let form = ListingForm(asked: format, .containers, isQuiet: false)
            let measures = size || form.text.contains(".Size")
            let rows = try await session?.rows(shown, withSizes: measures) ?? []
            let now = Timestamp.now()
            try form.telling {
                try ContainerRow.dockerListing(format: form.text, withSizes: size)
                    .write(rows.map { $0.dockerRow(truncates: !noTrunc, now: now) })
            }
        }
    }
}

extension Session {
    /// Looks up what the filters name.
    fileprivate func meant(by filters: ContainerFilters) async throws -> ContainerFilters.Meant {
        var meant = ContainerFilters.Meant()
        for name in filters.ancestors {
            if let image = try await engine.image(matching: name) { meant.images.insert(image.id) }
        }
        func moment(_ name: String?) async throws -> Timestamp? {
            guard let name else { return nil }
            do {
                return try await engine.container(matching: name).createdAt
            } catch let error as EngineError where error.kind == .notFound {
                throw Failure(engine: "No such container: \(name)")
            }
        }
        meant.before = try await moment(filters.neighbours.before)
        meant.since = try await moment(filters.neighbours.since)
        return meant
    }

    /// Rows with what only the images know: whether the name still leads to the container's image, and
    /// what it takes.
    fileprivate func rows(
        _ containers: [ObservedContainer],
        withSizes: Bool
    ) async throws -> [ContainerRow] {
        var sizes: [Digest: Int64] = [:]
        if withSizes {
            for image in try await engine.knownImages() {
                sizes[image.record.id] = image.sizeBytes ?? 0
            }
        }
        var images: [String: Digest] = [:]
        var rows: [ContainerRow] = []
        for container in containers {
            var row = ContainerRow(container)
            let name = row.imageName
            if images[name] == nil {
                images[name] = try await engine.image(matching: name)?.id
            }
            let image = container.record.image
            if images[name] != image { row.showImage(image) }
            if withSizes {
                let written = try await engine.writtenBytes(of: container.record.id)
                row.measure(written: written, image: sizes[image] ?? 0)
            }
            rows.append(row)
        }
        return rows
    }
}
