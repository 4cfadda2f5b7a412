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
        "reads what references to repositories say",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func references() throws {
        struct Case: Decodable {
            struct Reference: Decodable {
                var Remote: String
                var Ref, Checksum, SubDir: String?
                var KeepGitDir: Bool?
            }
            var ref: String
            var expected: Reference?
            var err: String?

            enum CodingKeys: String, CodingKey { case ref, expected, err }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                ref = try values.decode(String.self, forKey: .ref)
                err = try values.decodeIfPresent(String.self, forKey: .err)
                // `try?`: the other tables of the file have texts here.
                expected = try? values.decodeIfPresent(Reference.self, forKey: .expected)
            }
        }
        var tally = Tally("git-refs")
        for one: Case in try Corpus.cases("dockerfile/git-refs.json") {
            do {
                guard let found = try GitReference(parsing: one.ref) else { continue }
                guard let expected = one.expected else { continue }
                let remote = expected.Remote.hasPrefix("github.com/") ? "https://" : ""
                let folder = expected.SubDir?.trimmingPrefix("/")
                tally.check(
                    found.remote == remote + expected.Remote && found.reference == expected.Ref
                        && found.checksum == expected.Checksum
                        && found.folder == folder.map(String.init)
                        && found.keepsGitFolder == (expected.KeepGitDir ?? false),
                    "\(one.ref) → \(found)"
                )
            } catch {
                tally.check(
                    one.err.map { error.description.contains($0) } ?? (one.expected == nil),
                    "\(one.ref) → \(error)"
                )
            }
        }
        tally.report()
    }

    @Test(
        "a reference that means harm or nothing is refused",
        arguments: [
            ("https://h/a.git#main:../b", "leaves the repository"),
            ("ssh://-oProxyCommand=x/a", "no dash"), ("https://h/a.git#-x", "no dash"),
            ("https://h/a.git#a b", "no blanks"), ("https://h/a.git?commit=x", "checksum x"),
            ("https://h/a.git?branch=a#b", "ref conflicts with branch"),
            ("https://h/a.git?submodules=perhaps", "write true or false"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = #expect(throws: GitReference.Invalid.self) { try GitReference(parsing: text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(
        "knows contexts that are fetched",
        arguments: [
            (".", nil), ("/a/b", nil), ("a:b", nil), ("./x@y/z", nil), ("oci-layout://x", nil),
            ("https://a/b.tar.gz", "https://a/b.tar.gz"),
            ("git@github.com:a/b", "git@github.com:a/b"),
            ("github.com/a/b#v1:c", "https://github.com/a/b#v1:c"),
            ("https://me:word@h/a.git", "https://me:xxxxx@h/a.git"),
        ] as [(String, String?)]
    )
    func contexts(text: String, shown: String?) throws {
        #expect(try RemoteContext(parsing: text)?.shown == shown)
    }
}
