import FoundationEssentials
import NIOHTTP1
package import OCI

extension RegistryClient {
    private struct TagList: Decodable {
        /// Some registries write null for a repository without tags.
        var tags: [String]?
    }

    /// More than any repository has.
    private static let tagLimit = 100_000
    private static let pageLimit = 1000

    /// Every tag of the reference's repository, in the registry's order. OCI distribution-spec,
    /// "Listing Tags".
    package func tags(of reference: ImageReference) async throws -> [String] {
        let target = Target(reference)
        var result: [String] = []
        var page = "tags/list?n=1000"
        for _ in 0..<Self.pageLimit {
            let response = try await get(page, target: target)
            try await expectSuccess(response, target)
            let bytes = try await response.body(limit: OCIJSON.manifestLimit, target: target)
            let list: TagList
            do {
                list = try JSONDecoder().decode(TagList.self, from: Data(bytes))
            } catch {
                throw target.error(.malformed("its list of tags is not JSON"))
            }
            result += (list.tags ?? []).filter { reference.repository.with(tag: $0) != nil }
            guard result.count <= Self.tagLimit else {
                throw target.error(.malformed("more than \(Self.tagLimit) tags"))
            }
            guard let next = nextPage(response), next != page else { return result }
            page = next
        }
        throw target.error(.malformed("its list of tags has no end"))
    }

    /// The query of `Link: </v2/app/tags/list?last=b&n=2>; rel="next"`, RFC 8288. Only the query is
    /// believed: the list itself stays where it is.
    private func nextPage(_ response: Response) -> String? {
        for link in response.headers[canonicalForm: "Link"] {
            let parts = link.split(separator: ";", maxSplits: 1)
            guard parts.count == 2, parts[1].contains("next"),
                let start = parts[0].firstIndex(of: "?"),
                let end = parts[0].firstIndex(of: ">"), start < end
            else { continue }
            return "tags/list\(parts[0][start..<end])"
        }
        return nil
    }
}
