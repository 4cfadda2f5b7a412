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
                .map { SearchRow.fields($0.element, truncates: !noTruncation) }
            try SearchRow.listing(format: format).write(rows)
        }
    }
}
