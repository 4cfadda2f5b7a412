import FoundationEssentials
import NIOHTTP1

extension RegistryClient {
    private static let answerLimit = 8 << 20
    /// How many pages of a catalog are looked through at most.
    private static let pageLimit = 1000

    /// Searches as docker does (`/v1/search`), and where a registry has no search, its list of
    /// repositories (`/v2/_catalog`) for names that contain the term.
    package func search(_ term: SearchTerm, limit: Int) async throws -> SearchAnswer {
        let target = Target(term.host, .search)
        do {
            return SearchAnswer(results: try await index(term, limit, target), isCatalog: false)
        } catch let error as RegistryError {
            guard term.host.name != "docker.io" else { throw error }
            switch error.cause {
            // What is there is a registry without the index of old; the catalog says what it is.
            case .notFound, .malformed, .status, .unauthorized: break
            default: throw error
            }
        }
        let found = try await catalog(term, limit)
        return SearchAnswer(results: found, isCatalog: true)
    }

    private struct Index: Decodable {
        struct Entry: Decodable {
            var name: String
            var description: String?
            var star_count: Int?
            var is_official: Bool?
            var is_automated: Bool?
        }
        var results: [Entry]?
    }

    /// Docker's search.
    private func index(
        _ term: SearchTerm,
        _ limit: Int,
        _ target: Target
    ) async throws -> [SearchResult] {
        let isHub = term.host.name == "docker.io"
        let response = try await retrying(target) {
            let root =
                isHub
                ? "https://index.docker.io"
                : "\(try await scheme(target))://\(term.host.authority)"
            let url = URL(string: "\(root)/v1/search")?.appending(queryItems: [
                URLQueryItem(name: "q", value: term.text),
                URLQueryItem(name: "n", value: "\(limit)"),
            ])
            guard let url else { throw target.error(.malformed("\(root) is not an address")) }
            return try await authorized(url, .GET, [:], nil, target)
        }
        try await expectSuccess(response, target)
        let bytes = try await searchBody(response, target)
        guard let entries = (try? JSONDecoder().decode(Index.self, from: Data(bytes)))?.results
        else { throw target.error(.malformed("its search response is not valid JSON")) }
        return entries.map { entry in
            SearchResult(
                name: (isHub ? "" : "\(term.host.name)/") + Self.printable(entry.name),
                description: Self.printable(entry.description ?? ""),
                stars: entry.star_count ?? 0,
                isOfficial: entry.is_official ?? false,
                isAutomated: entry.is_automated ?? false
            )
        }
    }

    private struct Catalog: Decodable { var repositories: [String]? }

    /// The repositories whose names contain the term, page by page until there are enough.
    private func catalog(_ term: SearchTerm, _ limit: Int) async throws -> [SearchResult] {
        let target = Target(term.host, .catalog)
        var found: [SearchResult] = []
        var query = "n=1000"
        for _ in 0..<Self.pageLimit {
            let response = try await get("_catalog?\(query)", target: target)
            try await expectSuccess(response, target)
            let bytes = try await searchBody(response, target)
            guard let page = try? JSONDecoder().decode(Catalog.self, from: Data(bytes)) else {
                throw target.error(.malformed("its list of repositories is not valid JSON"))
            }
            for name in page.repositories ?? [] where term.text.isEmpty || name.contains(term.text)
            {
                found.append(
                    SearchResult(name: "\(term.host.name)/\(Self.printable(name))")
                )
                if found.count == limit { return found }
            }
            guard let next = response.headers.first(name: "Link").flatMap(Self.nextQuery) else {
                return found
            }
            query = next
        }
        throw target.error(.malformed("its list of repositories has no end"))
    }

    /// The query of `</v2/_catalog?last=b&n=2>; rel="next"`. Only the query counts: where the list
    /// is, is known.
    static func nextQuery(_ link: String) -> String? {
        guard link.contains("rel=\"next\"") || link.contains("rel=next"),
            let open = link.firstIndex(of: "<"), let close = link.firstIndex(of: ">"), open < close
        else { return nil }
        let address = link[link.index(after: open)..<close]
        guard let mark = address.firstIndex(of: "?") else { return nil }
        let query = address[address.index(after: mark)...]
        let isPlain = query.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x23 }
        return query.isEmpty || !isPlain ? nil : String(query)
    }

    private func searchBody(_ response: Response, _ target: Target) async throws -> [UInt8] {
        do {
            return try await response.body(limit: Self.answerLimit, target: target)
        } catch let fault as Transport.Fault {
            throw target.error(fault.cause)
        }
    }

    /// What others wrote, fit for a terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl =
                        scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
                        || scalar.properties.generalCategory == .format
                    return isControl ? " " : scalar
                }
            )
        )
    }
}
