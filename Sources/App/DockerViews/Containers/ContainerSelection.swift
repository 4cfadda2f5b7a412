package import Engine

/// Which containers `ps` shows: the conditions of its options, put together as docker compose does.
package struct ContainerSelection: Equatable, Sendable {
    /// States by docker's words; empty for what runs.
    private(set) var states: Set<String> = []
    /// Stopped containers, and those that `run` made.
    package private(set) var includesAll: Bool
    /// The services to show; nil for whatever there is, orphans too.
    package var services: Set<String>?

    /// Docker's words for states. berth has no containers in some of them, which is no mistake.
    static let stateWords = [
        "paused", "restarting", "removing", "running", "dead", "created", "exited",
    ]

    /// `states` are the values of `--status`; `filter` is that of `--filter`, of which docker
    /// compose knows `status=WORD`.
    /// - Throws: for a word or a filter that is not known.
    package init(states: [String], filter: String?, all: Bool) throws(DockerViewsError) {
        includesAll = all || !states.isEmpty
        var words = states.map { (option: "--status", word: $0) }
        if let filter {
            let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw DockerViewsError(.refused, "arguments to --filter should be in form KEY=VAL")
            }
            switch parts[0] {
            case "status": words.append(("--filter status", String(parts[1])))
            // docker compose knows the word, and refuses it as well.
            case "source":
                throw DockerViewsError(
                    .refused,
                    "`ps` does not filter by source; status=STATE is there"
                )
            default:
                throw DockerViewsError(
                    .refused,
                    "unknown filter \(parts[0]); `ps` filters by status=STATE"
                )
            }
            includesAll = true
        }
        for (option, word) in words where !Self.stateWords.contains(word) {
            throw DockerViewsError(
                .refused,
                "\(option) takes one of \(Self.stateWords.joined(separator: ", ")), "
                    + "not \(word)"
            )
        }
        self.states = Set(words.map(\.word))
    }

    /// Whether a container is one of those.
    package func shows(_ record: ContainerRecord) -> Bool {
        if let services, !services.contains(record.service ?? "") { return false }
        guard includesAll || !record.isOneOff || record.isOfHook else { return false }
        guard states.isEmpty else { return states.contains(record.dockerState) }
        return includesAll || record.status == .running || record.status == .restarting
    }
}

extension ContainerRecord {
    /// The state by docker's word: a paused container is no running one there.
    package var dockerState: String { isPaused ? "paused" : status.rawValue }

    /// A hook is run in it, which a service waits for.
    package var isOfHook: Bool { labels["com.docker.compose.hook"] != nil }
}
