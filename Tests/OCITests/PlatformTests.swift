import TestSupport
import Testing

@testable import OCI

@Suite("Platforms", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct PlatformTests {
    static let base = Platform(os: "linux", architecture: "amd64")

    struct Fields: Decodable, Sendable {
        var OS, Architecture: String
        var Variant, OSVersion: String?
        var OSFeatures: [String]?

        var platform: Platform {
            Platform(
                os: OS,
                architecture: Architecture,
                variant: Variant,
                osVersion: OSVersion,
                osFeatures: OSFeatures ?? []
            )
        }
    }

    struct ParseCase: Decodable, Sendable {
        var input: String
        var expected: Fields
        var formatted: String
        var matches: [Fields]
    }

    @Test("are read from specifiers", arguments: Corpus.oci("platform-parse", as: ParseCase.self))
    func parse(expected: ParseCase) throws {
        let platform = try Platform(expected.input, base: Self.base)
        #expect(platform == expected.expected.platform)
        #expect(platform.description == expected.formatted)
        for other in expected.matches { #expect(platform.isSame(as: other.platform)) }
    }

    struct InvalidCase: Decodable, Sendable { var input: String }

    @Test(
        "are refused when malformed",
        arguments: Corpus.oci("platform-invalid", as: InvalidCase.self)
    )
    func invalid(expected: InvalidCase) {
        #expect(throws: OCIError.self) { try Platform(expected.input, base: Self.base) }
    }

    struct MatchCase: Decodable, Sendable {
        var mode, platform: String
        var match, no_match: [String]
    }

    @Test("run what they can run", arguments: Corpus.oci("platform-match", as: MatchCase.self))
    func match(expected: MatchCase) throws {
        let wanted = try Platform(expected.platform, base: Self.base)
        let strict = expected.mode == "only-strict"
        func accepts(_ specifier: String) throws -> Bool {
            let candidate = try Platform(specifier, base: Self.base)
            return strict ? wanted.isSame(as: candidate) : wanted.rank(of: candidate) != nil
        }
        for text in expected.match { #expect(try accepts(text), "\(text)") }
        for text in expected.no_match { #expect(try !accepts(text), "\(text)") }
    }

    @Test("choose the best entry of an index, never an attestation")
    func choice() throws {
        func entry(_ platform: Platform?, _ seed: UInt8) -> Descriptor {
            Descriptor(
                mediaType: MediaType.ociManifest,
                digest: .of([seed]),
                size: 1,
                platform: platform
            )
        }
        let index = ImageIndex(manifests: [
            entry(Platform(os: "unknown", architecture: "unknown"), 0),
            entry(Platform(os: "linux", architecture: "386"), 1),
            entry(nil, 2),
            entry(Platform(os: "linux", architecture: "amd64"), 3),
            entry(Platform(os: "linux", architecture: "arm64"), 4),
        ])
        let chosen = index.candidates(for: Self.base).map(\.digest)
        #expect(chosen == [.of([3]), .of([1]), .of([2])])
    }
}
