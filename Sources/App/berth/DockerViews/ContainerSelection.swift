import Engine

/// Which containers `ps` shows: the conditions of its options, put together as docker compose does.
struct ContainerSelection: Equatable {
    /// States by docker's words; empty for what runs.
    private(set) var states: Set<String> = []
    /// Stopped containers, and those that `run` made.
    var includesAll: Bool
    /// The services to show; nil for whatever there is, orphans too.
    var services: Set<String>?

    /// Docker's words for states. berth has no containers in some of them, which is no mistake.
    static let stateWords = [
        "paused", "restarting", "removing", "running", "dead", "created", "exited",
    ]

    /// `states` are the values of `--status`; `filter` is that of `--filter`, of which docker
    /// compose knows `status=WORD`.
    /// - Throws: for a word or a filter that is not known.
    init(states: [String], filter: String?, all: Bool) throws(Refusal) {
        includesAll = all || !states.isEmpty
        var words = states.map { (option: "--status", word: $0) }
        if let filter {
            let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Refusal("arguments to --filter should be in form KEY=VAL")
            }
            switch parts[0] {
            case "status": words.append(("--filter status", String(parts[1])))
            // docker compose knows the word, and refuses it as well.
            case "source": throw Refusal("`ps` does not filter by source; status=STATE is there")
            default:
                throw Refusal("unknown filter \(parts[0]); `ps` filters by status=STATE")
            }
            includesAll = true
        }
        for (option, word) in words where !Self.stateWords.contains(word) {
            throw Refusal(
                "\(option) takes one of \(Self.stateWords.joined(separator: ", ")), "
                    + "not \(word)"
            )
        }
        self.states = Set(words.map(\.word))
    }

    /// Whether a container is one of those.
    func shows(_ record: ContainerRecord) -> Bool {
        if let services, !services.contains(record.service ?? "") { return false }
        guard includesAll || !record.isOneOff else { return false }
        guard states.isEmpty else { return states.contains(record.status.rawValue) }
        return includesAll || record.status == .running || record.status == .restarting
    }

    /// Why an option's value says nothing.
    struct Refusal: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }
}
