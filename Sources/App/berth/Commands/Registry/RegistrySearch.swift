import ArgumentParser
import DockerViews
import Registry

extension RegistryGroup {
    /// Looks for images by name.
    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "search",
            abstract: "Search Docker Hub, or a registry, for images.",
            discussion: """
                A term like localhost:5000/app is looked for in that registry. Most registries \
                have no search: then the names in their catalog that contain the term are listed.
                """
        )

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp("is-official=true, stars=NUMBER.", valueName: "key=value")
        )
        var filter: [String] = []

        @Option(
            help: ArgumentHelp("table, json or a Go template.", valueName: "format"),
            completion: .formats
        )
        var format = "table"

        @Option(help: "How many results at most, 1 to 100; 25 if not given.")
        var limit = 0

        @Flag(name: .customLong("no-trunc"), help: "Descriptions in full.")
        var noTruncation = false

        @Argument(help: "What to look for.")
        var term: String

        func run() async throws {
            guard (0...100).contains(limit) else {
                throw Failure(engine: "limit \(limit) is outside the range of [1, 100]")
            }
            let filter = try SearchFilter(filter)
            let term = SearchTerm(term)
            let answer = try await RegistryGroup.makeClient().search(
                term,
                limit: limit == 0 ? 25 : limit
            )
            if answer.isCatalog {
                Terminal.line(
                    "\(term.host.name) offers no search; these are the names in its catalog that "
                        + "contain \"\(term.text)\"",
                    to: .error
                )
            }
            let rows = answer.results.filter(filter.lets).enumerated()
                .sorted { ($1.element.stars, $0.offset) < ($0.element.stars, $1.offset) }
                .map(\.element).map(row)
            try RowListing(
                format: format,
                header: ["NAME", "DESCRIPTION", "STARS", "OFFICIAL"],
                cells: ["Name", "Description", "StarCount", "IsOfficial"]
            ).write(rows)
        }

        private func row(_ result: SearchResult) -> [(name: String, value: String)] {
            let limit = 45
            let isCut = !noTruncation && result.description.count > limit
            let description =
                isCut ? "\(result.description.prefix(limit - 1))…" : result.description
            return [
                ("Description", description), ("IsAutomated", result.isAutomated ? "[OK]" : ""),
                ("IsOfficial", result.isOfficial ? "[OK]" : ""), ("Name", result.name),
                ("StarCount", "\(result.stars)"),
            ]
        }
    }
}

/// The conditions of `search --filter`.
struct SearchFilter {
    private var isOfficial: Bool?
    private var isAutomated: Bool?
    private var leastStars = 0

    init(_ texts: [String]) throws {
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw Failure(
                    usage: "invalid argument \"\(text)\" for \"-f, --filter\" flag: "
                        + "invalid filter '\(text)' (missing '=')"
                )
            }
            switch parts[0].lowercased() {
            case "is-official": isOfficial = try Self.truth(parts)
            case "is-automated": isAutomated = try Self.truth(parts)
            case "stars":
                guard let stars = Int(parts[1]), stars >= 0 else {
                    throw Failure(engine: "invalid filter 'stars=[\(parts[1])]'")
                }
                leastStars = max(leastStars, stars)
            default: throw Failure(engine: "invalid filter '\(parts[0])'")
            }
        }
    }

    func lets(_ result: SearchResult) -> Bool {
        result.stars >= leastStars && isOfficial ?? result.isOfficial == result.isOfficial
            && isAutomated ?? result.isAutomated == result.isAutomated
    }

    private static func truth(_ parts: [String]) throws -> Bool {
        switch parts[1] {
        case "1", "true": return true
        case "0", "false": return false
        default: throw Failure(engine: "invalid filter '\(parts[0])=[\(parts[1])]'")
        }
    }
}
