import Testing

@testable import DockerViews
@testable import Registry

@Suite("results of a search")
struct SearchTests {
    private static func result(_ stars: Int, isOfficial: Bool) -> SearchResult {
        var result = SearchResult(name: "busybox")
        (result.stars, result.isOfficial) = (stars, isOfficial)
        return result
    }

    @Test(
        "are chosen by stars and by who made them",
        arguments: [
            ([], true), (["stars=10"], true), (["stars=11"], false), (["is-official=true"], true),
            (["is-official=false"], false), (["stars=3", "is-official=1"], true),
        ] as [([String], Bool)]
    )
    func filters(texts: [String], isShown: Bool) throws {
        let filter = try SearchFilter(texts)
        #expect(filter.lets(Self.result(10, isOfficial: true)) == isShown)
    }

    @Test(
        "are not chosen by what docker does not know",
        arguments: [
            ("stars", DockerViewsError.Kind.usage), ("stars=many", .refused), ("size=1", .refused),
            ("is-official=perhaps", .refused),
        ]
    )
    func refused(text: String, kind: DockerViewsError.Kind) {
        let error = #expect(throws: DockerViewsError.self) { try SearchFilter([text]) }
        #expect(error?.kind == kind)
    }

    @Test("have their descriptions cut, unless they are wanted whole")
    func rows() {
        var result = Self.result(1, isOfficial: true)
        result.description = String(repeating: "d", count: 50)
        func description(_ truncates: Bool) -> String? {
            SearchRow.fields(result, truncates: truncates).first?.value
        }
        #expect(description(true) == String(repeating: "d", count: 44) + "…")
        #expect(description(false) == result.description)
    }
}
