import TestSupport
import Testing

@testable import OCI

@Suite("Documents", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct DocumentTests {
    struct SchemaCase: Decodable, Sendable {
        var document: String
        var valid: Bool
    }

    /// Valid by the schema, but with digests of algorithms nobody has registered: those are
    /// refused, and by name.
    private func check(_ expected: SchemaCase, _ decode: ([UInt8]) throws(OCIError) -> Void) {
        do {
            try decode(Array(expected.document.utf8))
            #expect(expected.valid)
        } catch {
            #expect(!expected.valid || error.problem == .unsupportedDigestAlgorithm, "\(error)")
        }
    }

    @Test(
        "of descriptors are checked",
        arguments: Corpus.oci("schema-descriptor", as: SchemaCase.self)
    )
    func descriptors(expected: SchemaCase) {
        check(expected) { bytes throws(OCIError) in
            _ = try OCIJSON.decode(Descriptor.self, from: bytes, limit: 1 << 20, subject: "it")
        }
    }

    @Test(
        "of manifests are checked",
        arguments: Corpus.oci("schema-manifest", as: SchemaCase.self)
    )
    func manifests(expected: SchemaCase) {
        check(expected) { bytes throws(OCIError) in _ = try ManifestDocument(bytes: bytes) }
    }

    @Test(
        "of indexes are checked",
        arguments: Corpus.oci("schema-imageindex", as: SchemaCase.self)
    )
    func indexes(expected: SchemaCase) {
        check(expected) { bytes throws(OCIError) in _ = try ManifestDocument(bytes: bytes) }
    }

    @Test(
        "of configurations are checked",
        arguments: Corpus.oci("schema-config", as: SchemaCase.self)
    )
    func configurations(expected: SchemaCase) {
        check(expected) { bytes throws(OCIError) in _ = try ImageConfiguration(bytes: bytes) }
    }

    struct CompatibilityCase: Decodable, Sendable { var kind, document, digest: String }

    @Test(
        "of Docker keep their digests",
        arguments: Corpus.oci("docker-v2-compat", as: CompatibilityCase.self)
    )
    func docker(expected: CompatibilityCase) throws {
        let bytes = Array(expected.document.utf8)
        #expect(Digest.of(bytes).description == expected.digest)
        guard expected.kind != "config" else { return }
        let document = try ManifestDocument(bytes: bytes)
        #expect(document.descriptor.digest.description == expected.digest)
    }

    struct ChainCase: Decodable, Sendable { var diff_ids, chain_ids: [Digest] }

    @Test("of layers form chains", arguments: Corpus.oci("chain-ids", as: ChainCase.self))
    func chains(expected: ChainCase) {
        #expect(Digest.chain(expected.diff_ids) == expected.chain_ids)
    }

    struct DigestCase: Decodable, Sendable { var input: String; var error, algorithm: String? }

    @Test("have digests", arguments: Corpus.oci("digest-parse", as: DigestCase.self))
    func digests(expected: DigestCase) throws {
        let problems: [String: OCIError.Problem] = [
            "digest.ErrDigestInvalidFormat": .invalidDigest,
            "digest.ErrDigestInvalidLength": .invalidDigestLength,
            "digest.ErrDigestUnsupported": .unsupportedDigestAlgorithm,
        ]
        do {
            #expect(try Digest(parsing: expected.input).description == expected.input)
            #expect(expected.error == nil)
        } catch {
            let unknown = expected.error == nil && expected.algorithm != "sha256"
            let wanted = expected.error.flatMap { problems[$0] }
            #expect(error.problem == (unknown ? .unsupportedDigestAlgorithm : wanted))
        }
    }
}

@Suite("Hostile documents")
struct HostileDocumentTests {
    private func problem(_ text: String, contentType: String? = nil) -> OCIError.Problem? {
        do {
            _ = try ManifestDocument(bytes: Array(text.utf8), contentType: contentType)
            return nil
        } catch { return error.problem }
    }

    static let descriptor =
        #"{"mediaType":"application/x","size":1,"digest":"sha256:\#(String(repeating: "a", count: 64))"}"#

    @Test("cannot be a manifest and an index at once")
    func confusion() {
        let both = """
            {"schemaVersion":2,"config":\(Self.descriptor),"layers":[],"manifests":[]}
            """
        #expect(problem(both) != nil)
    }

    @Test("cannot declare another type than their own")
    func declared() {
        let index = #"{"schemaVersion":2,"manifests":[]}"#
        #expect(problem(index) == nil)
        #expect(problem(index, contentType: MediaType.ociManifest) != nil)
        #expect(problem(index, contentType: MediaType.ociIndex) == nil)
    }

    @Test("of schema 1 are refused by name")
    func legacy() {
        #expect(problem(#"{"schemaVersion":1,"name":"x"}"#) == .legacySchema)
    }

    @Test("cannot nest without end, nor be huge")
    func limits() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(problem(deep) == .invalidDocument("nested too deeply"))
        let huge = String(repeating: " ", count: (4 << 20) + 1)
        #expect(problem(huge) == .documentTooLarge(limit: 4 << 20))
    }

    @Test("cannot give a blob a size that sums of sizes would overflow")
    func sizes() {
        func layer(_ size: String) -> OCIError.Problem? {
            problem(
                #"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":["#
                    + Self.descriptor.replacing(#""size":1,"#, with: #""size":\#(size),"#) + "]}"
            )
        }
        #expect(layer("\(1 << 53)") == nil)
        for size in ["\((1 << 53) + 1)", "\(Int64.max)", "-1"] {
            #expect(layer(size) != nil, "\(size)")
        }
    }

    @Test("cannot have more layers than overlay stacks")
    func layers() {
        let many = Array(repeating: Self.descriptor, count: 501).joined(separator: ",")
        #expect(
            problem(#"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":[\#(many)]}"#) != nil
        )
    }

    @Test("say where they are wrong")
    func words() {
        let error = #expect(throws: OCIError.self) {
            try ManifestDocument(bytes: Array(#"{"schemaVersion":2,"layers":[]}"#.utf8))
        }
        #expect(error?.description == "invalid manifest: config: missing")
    }
}

@Suite("Image configurations")
struct ImageConfigurationTests {
    @Test("survive a round trip and are written canonically")
    func roundTrip() throws {
        var configuration = ImageConfiguration(
            platform: Platform(os: "linux", architecture: "arm64", variant: "v8"),
            diffIDs: [.of([1])],
            history: [.init(createdBy: "RUN x", isEmptyLayer: true)],
            created: "2024-01-01T00:00:00Z"
        )
        configuration.config.environment = ["PATH=/bin"]
        configuration.config.command = []
        configuration.config.exposedPorts = ["80/tcp", "53/udp"]
        configuration.config.healthcheck = .init(test: ["CMD", "true"])
        let bytes = try OCIJSON.encode(configuration)
        #expect(try ImageConfiguration(bytes: bytes) == configuration)
        let text = String(decoding: bytes, as: UTF8.self)
        let digest = Digest.of([1])
        #expect(
            text == """
                {"architecture":"arm64","config":{"Cmd":[],"Env":["PATH=/bin"],\
                "ExposedPorts":{"53/udp":{},"80/tcp":{}},"Healthcheck":{"Test":["CMD","true"]}},\
                "created":"2024-01-01T00:00:00Z","history":[{"created_by":"RUN x","empty_layer":true}],\
                "os":"linux","rootfs":{"diff_ids":["\(digest)"],"type":"layers"},"variant":"v8"}
                """
        )
    }

    @Test("may have null where Go writes it")
    func nulls() throws {
        let text = """
            {"architecture":"amd64","os":"linux","config":{"Env":null,"Cmd":null,"Volumes":null,
            "Labels":null,"OnBuild":null,"Healthcheck":null},"rootfs":{"type":"layers","diff_ids":[]},
            "history":null}
            """
        let configuration = try ImageConfiguration(bytes: Array(text.utf8))
        #expect(configuration.config == ContainerDefaults())
    }
}

@Suite("SHA256")
struct SHA256Tests {
    @Test(
        "has the standard's values",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ]
    )
    func values(text: String, hex: String) {
        #expect(Digest.of(text.utf8).hex == hex)
        var pieces = SHA256()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.finish().hex == hex)
    }
}
