import Addresses
import ContainerRuntime
package import Engine
package import OCI

/// The conditions of docker's `ps --filter`: several of one kind are alternatives, labels are all
/// asked for.
package struct ContainerFilters: Sendable {
    private let filters: Filters
    private let exitCodes: Set<Int32>
    private let published: Set<String>
    private let exposed: Set<String>

    private static let known: Set<String> = [
        "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
        "name", "network", "publish", "since", "status", "volume",
    ]
    private static let healths = ["none", "starting", "healthy", "unhealthy"]
    private static let states = [
        "created", "running", "paused", "restarting", "removing", "exited", "dead",
    ]

    /// What the conditions name, looked up.
    package struct Meant: Sendable {
        /// The images of `ancestor`.
        package var images: Set<Digest> = []
        /// The moment of the container of `before`.
        package var before: Timestamp?
        /// The moment of the container of `since`.
        package var since: Timestamp?

        /// Nothing is named.
        package init() {}
    }

    /// Reads them.
    package init(_ texts: [String]) throws {
        let filters = try Filters(texts, known: Self.known, flag: "-f, --filter")
        self.filters = filters
        func check(_ key: String, _ noun: String, _ words: [String]) throws {
            for word in filters[key] where !words.contains(word) {
                throw DockerViewsError(
                    .refused,
                    "invalid filter '\(key)=\(word)': invalid value for \(noun) (\(word)): "
                        + "must be one of \(words.joined(separator: ", "))"
                )
            }
        }
        try check("status", "state", Self.states)
        try check("health", "health", Self.healths)
        exitCodes = Set(
            try filters["exited"].map { text in
                guard let code = Int32(text) else {
                    throw DockerViewsError(
                        .refused,
                        "invalid filter 'exited=\(text)': strconv.Atoi: "
                            + "parsing \"\(text)\": invalid syntax"
                    )
                }
                return code
            }
        )
        published = try Self.ports(filters, "publish")
        exposed = try Self.ports(filters, "expose")
        _ = try filters.flag("is-task")
    }

    /// `80`, `80/udp`, `8000-8010/tcp`.
    private static func ports(_ filters: Filters, _ key: String) throws -> Set<String> {
        var ports: Set<String> = []
        for text in filters[key] {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            let numbers = ends.compactMap { UInt16($0) }
            guard (1...2).contains(ends.count), numbers.count == ends.count,
                let first = numbers.first, let last = numbers.last, first <= last
            else {
                let wrong = ends.first { UInt16($0) == nil } ?? parts[0]
                throw DockerViewsError(
                    .refused,
                    "error while looking up for \(key) \(text): strconv.ParseUint: "
                        + "parsing \"\(wrong)\": invalid syntax"
                )
            }
            let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
            for port in first...last { ports.insert("\(port)/\(transport)") }
        }
        return ports
    }

    /// The images that `ancestor` names.
    package var ancestors: [String] { filters["ancestor"] }
    /// The containers that `before` and `since` name; the last of each counts.
    package var neighbours: (before: String?, since: String?) {
        (filters["before"].last, filters["since"].last)
    }
    /// A state that is asked for is seen without `--all`.
    package var asksForStates: Bool { !filters["status"].isEmpty }

    /// Whether a container meets all of them.
    package func show(_ container: ObservedContainer, _ meant: Meant) throws -> Bool {
        let record = container.record
        if try filters.flag("is-task") == true { return false }
        guard any("isolation", { $0.isEmpty }), any("status", { $0 == record.dockerState }),
            any("health", { $0 == record.health?.rawValue ?? "none" }),
            any("id", { record.id.text.hasPrefix($0) }), filters.match(labels: record.labels)
        else { return false }
        if !filters["ancestor"].isEmpty, !meant.images.contains(record.image) { return false }
        if let before = meant.before, record.createdAt >= before { return false }
        if let since = meant.since, record.createdAt <= since { return false }
        if !exitCodes.isEmpty {
            guard record.status == .exited, exitCodes.contains(record.shownExitCode) else {
                return false
            }
        }
        return try showByName(record) && showByPlace(container)
    }

    private func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
        filters[key].isEmpty || filters[key].contains(where: holds)
    }

    /// Docker's names begin with a slash.
    private func showByName(_ record: ContainerRecord) throws -> Bool {
        let patterns = filters["name"]
        guard !patterns.isEmpty else { return true }
        return try patterns.contains { text in
            guard let pattern = NamePattern(text) else {
                throw DockerViewsError(.refused, "invalid filter 'name=\(text)'")
            }
            return pattern.isFound(in: record.name) || pattern.isFound(in: "/\(record.name)")
        }
    }

    private func showByPlace(_ container: ObservedContainer) -> Bool {
        let record = container.record
        // `try?`: a record nobody can read is still listed.
        let spec = try? record.spec
        guard
            any(
                "network",
                { wanted in
                    container.endpoints.contains {
                        $0.networkName == wanted || $0.network.text.hasPrefix(wanted)
                    } || spec?.network.word == wanted
                }
            )
        else { return false }
        let row = ContainerRow(container)
        let targets = (spec?.mounts ?? []).map(\.target)
        guard any("volume", { row.mounts.map(\.text).contains($0) || targets.contains($0) }) else {
            return false
        }
        let outside = record.published.compactMap { port in
            port.hostPort.map { "\($0)/\(port.transport.rawValue)" }
        }
        guard published.isEmpty || !published.isDisjoint(with: outside) else { return false }
        let inside = spec.map(Self.exposed) ?? []
        return exposed.isEmpty || !exposed.isDisjoint(with: inside)
    }

    private static func exposed(_ spec: ContainerSpec) -> Set<String> {
        var ports = Set(spec.ports.map { "\($0.containerPort)/\($0.transport.rawValue)" })
        for range in spec.exposed ?? [] {
            for port in range.ports.first...range.ports.last {
                ports.insert("\(port)/\(range.transport.rawValue)")
            }
        }
        return ports
    }
}

extension NetworkMode {
    /// `host` and `none`, which have no endpoints.
    fileprivate var word: String? {
        switch self {
        case .host: "host"
        case .none: "none"
        case .container, .attached: nil
        }
    }
}
