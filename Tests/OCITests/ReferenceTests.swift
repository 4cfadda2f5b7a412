import TestSupport
import Testing

@testable import OCI

@Suite("References", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct ReferenceTests {
    struct ParseCase: Decodable, Sendable {
        var input: String
        var domain, name, tag, digest, error: String?
    }

    @Test(
        "follow the strict grammar",
        arguments: Corpus.oci("reference-parse", as: ParseCase.self)
    )
    func strict(expected: ParseCase) {
        let problems: [String: OCIError.Problem] = [
            "ErrNameEmpty": .emptyName, "ErrReferenceInvalidFormat": .invalidReference,
            "ErrNameTooLong": .nameTooLong, "digest.ErrDigestInvalidLength": .invalidDigestLength,
            "digest.ErrDigestUnsupported": .unsupportedDigestAlgorithm,
            "ErrNameContainsUppercase": .upperCaseName(expected.input),
        ]
        do {
            let parts = try ReferenceGrammar(parsing: expected.input)
            if let digest = parts.digest { _ = try Digest(parsing: digest) }
            #expect(expected.error == nil)
            #expect(parts.domain ?? "" == expected.domain)
            #expect(parts.name == expected.name)
            #expect(parts.tag ?? "" == expected.tag)
            #expect(parts.digest ?? "" == expected.digest)
        } catch {
            #expect(expected.error.flatMap { problems[$0] } == error.problem)
        }
    }

    struct NormalizeCase: Decodable, Sendable {
        var input: String
        var familiar, full, domain, path: String?
    }

    @Test(
        "get Docker's defaults",
        arguments: Corpus.oci("reference-normalize", as: NormalizeCase.self)
    )
    func normalized(expected: NormalizeCase) throws {
        let reference = try ImageReference(expected.input)
        if let familiar = expected.familiar { #expect(reference.familiar == familiar) }
        if let full = expected.full { #expect(reference.description == full) }
        if let domain = expected.domain { #expect(reference.domain == domain) }
        if let path = expected.path { #expect(reference.path == path) }
        #expect(try ImageReference(reference.familiar) == reference)
        #expect(try ImageReference(reference.description) == reference)
    }

    struct ValidCase: Decodable, Sendable {
        var input: String
        var valid: Bool
    }

    @Test(
        "are accepted or not as users type them",
        arguments: Corpus.oci("reference-normalize-valid", as: ValidCase.self)
    )
    func accepted(expected: ValidCase) {
        let reference: ImageReference?
        do { reference = try ImageReference(expected.input) } catch { reference = nil }
        #expect((reference != nil) == expected.valid)
    }

    struct AnyCase: Decodable, Sendable {
        var input: String
        var canonical: String?
    }

    @Test("or ids are told apart", arguments: Corpus.oci("reference-any", as: AnyCase.self))
    func any(expected: AnyCase) throws {
        #expect(try AnyImageReference(expected.input).description == expected.canonical)
    }

    struct DockerCase: Decodable, Sendable { var input, expected: String }

    @Test(
        "resolve to digest, tag or latest",
        arguments: Corpus.oci("reference-docker", as: DockerCase.self)
    )
    func resolvable(expected: DockerCase) throws {
        #expect(try ImageReference(expected.input).resolvable.description == expected.expected)
    }

    struct MatchCase: Decodable, Sendable {
        var reference, pattern: String
        var match: Bool
    }

    @Test("match filters", arguments: Corpus.oci("reference-familiar-match", as: MatchCase.self))
    func matches(expected: MatchCase) throws {
        #expect(
            try ImageReference(expected.reference).matches(pattern: expected.pattern)
                == expected.match
        )
    }

    struct GrammarCase: Decodable, Sendable {
        var grammar, input: String
        var match: Bool
        var groups: [String]?
    }

    @Test(
        "split as the grammar says",
        arguments: Corpus.oci("reference-grammar", as: GrammarCase.self)
    )
    func grammar(expected: GrammarCase) throws {
        switch expected.grammar {
        case "domain":
            #expect(ReferenceGrammar.isDomain(expected.input[...].utf8) == expected.match)
        case "identifier":
            #expect(ImageReference.isIdentifier(expected.input) == expected.match)
        default:
            let parts: ReferenceGrammar?
            do { parts = try ReferenceGrammar(parsing: expected.input) } catch {
                // The table's grammar has no limit of length.
                if case .nameTooLong = error.problem { return }
                parts = nil
            }
            #expect((parts != nil) == expected.match)
            guard let parts, let groups = expected.groups else { return }
            let found =
                expected.grammar == "name"
                ? [parts.domain ?? "", parts.path]
                : [parts.name, parts.tag ?? "", parts.digest ?? ""]
            #expect(found == groups)
        }
    }

    struct OperationCase: Decodable, Sendable {
        var op: String
        var name, tag, digest, combined, input, domain, path, err: String?
    }

    @Test("compose and split", arguments: Corpus.oci("reference-ops", as: OperationCase.self))
    func operations(expected: OperationCase) throws {
        switch expected.op {
        case "with-tag", "with-digest":
            var parts = try ReferenceGrammar(parsing: #require(expected.name))
            parts.tag = expected.tag
            parts.digest = expected.digest
            let text =
                parts.name + (parts.tag.map { ":\($0)" } ?? "")
                + (parts.digest.map { "@\($0)" } ?? "")
            #expect(text == expected.combined)
            #expect(try ReferenceGrammar(parsing: text) == parts)
        case "parse-canonical":
            let input = try #require(expected.input)
            let reference = try ImageReference(input)
            #expect((reference.description == input) == (expected.err == nil))
            if let domain = expected.domain { #expect(reference.domain == domain) }
            if let path = expected.path { #expect(reference.path == path) }
        case "with-name" where expected.err != nil:
            #expect(throws: OCIError.self) { try ReferenceGrammar(parsing: expected.input ?? "") }
        default:
            let parts = try ReferenceGrammar(parsing: #require(expected.input))
            if let domain = expected.domain { #expect(parts.domain == domain) }
            if let path = expected.path { #expect(parts.path == path) }
            if let name = expected.name { #expect(parts.name == name) }
            if let digest = expected.digest { #expect(parts.digest == digest) }
        }
    }
}

@Suite("Reference errors")
struct ReferenceErrorTests {
    @Test(
        "say what is wrong",
        arguments: [
            (
                "library/Foo",
                "invalid reference format: repository name (library/Foo) must be lowercase"
            ),
            ("a b", "invalid reference format: \"a b\""),
            (
                String(repeating: "a", count: 64),
                "invalid repository name (\(String(repeating: "a", count: 64))), cannot specify 64-byte hexadecimal strings"
            ),
            (
                "redis@sha512:" + String(repeating: "a", count: 128),
                "unsupported digest algorithm: \"sha512:\(String(repeating: "a", count: 128))\"; only sha256 is supported"
            ),
        ]
    )
    func words(input: String, message: String) {
        let error = #expect(throws: OCIError.self) { try ImageReference(input) }
        #expect(error?.description == message)
    }
}
