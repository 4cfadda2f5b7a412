import TestSupport
import Testing

@testable import Builder

@Suite("sources of ADD")
struct SourceKindTests {
    @Test(
        "tells repositories of git from files",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func repositories() throws {
        struct Case: Decodable {
            struct Reference: Decodable {
                var IndistinguishableFromLocal: Bool?
            }
            var ref: String
            var expected: Reference?
            var err: String?

            enum CodingKeys: String, CodingKey { case test, ref, expected, err }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                ref = try values.decode(String.self, forKey: .ref)
                err = try values.decodeIfPresent(String.self, forKey: .err)
                // The other tables of the file have texts here; they are about something else.
                let test = try values.decode(String.self, forKey: .test)
                guard test == "TestParseGitRef" else {
                    ref = ""
                    return
                }
                expected = try values.decodeIfPresent(Reference.self, forKey: .expected)
            }
        }
        var tally = Tally("git-refs")
        for one: Case in try Corpus.cases("dockerfile/git-refs.json") where !one.ref.isEmpty {
            let isLocal = one.expected?.IndistinguishableFromLocal ?? false
            let isRepository = one.err != nil || one.expected != nil && !isLocal
            let found = SourceKind(one.ref)
            tally.check((found == .repository) == isRepository, "\(one.ref) → \(found)")
        }
        tally.report()
    }

    @Test(
        "knows contexts that are not on this machine",
        arguments: [
            (".", false), ("/a/b", false), ("a:b", false), ("https://a/b.tar.gz", true),
            ("git@github.com:a/b", true), ("oci-layout://x", true), ("./x@y/z", false),
        ]
    )
    func remote(text: String, isRemote: Bool) {
        #expect(SourceKind.isRemote(text) == isRemote)
    }
}
