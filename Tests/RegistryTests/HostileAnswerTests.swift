import Foundation
import NIOHTTP1
import OCI
import Testing

@testable import Registry

/// Answers that are well formed and meant badly.
@Suite("Malicious answers", .timeLimit(.minutes(1)))
struct HostileAnswerTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    /// What resolving ends with when the registry has this manifest, and perhaps this configuration.
    private func resolving(
        _ document: [UInt8],
        configuration: [UInt8] = [],
        type: String = MediaType.ociManifest
    ) async throws -> Result<ResolvedImage, any Error> {
        let server = try await TestServer { request in
            switch request.path {
            case "/v2/": .status(200)
            case "/v2/app/manifests/1": TestImage.manifest(document, type)
            case "/v2/app/blobs/\(Digest.of(configuration))":
                TestServer.Answer(body: configuration)
            default: .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        do {
            return .success(try await makeClient().resolve(reference))
        } catch {
            return .failure(error)
        }
    }

    private func refusal(of result: Result<ResolvedImage, any Error>) -> RegistryError.Cause? {
        guard case .failure(let error) = result else { return nil }
        return (error as? RegistryError)?.cause
    }

    @Test("lists of tags that lead in a circle, or to another host, have an end")
    func tagLoop() async throws {
        let stranger = try await TestServer { _ in .status(200) }
        let authority = stranger.authority
        let server = try await TestServer { request in
            let next = request.uri.contains("last=a") ? "b" : "a"
            return request.path == "/v2/"
                ? .status(200)
                : TestServer.Answer(
                    headers: ["Link": "<http://\(authority)/v2/app?last=\(next)>; rel=\"next\""],
                    body: Array(#"{"name":"app","tags":[]}"#.utf8)
                )
        }
        let reference = try ImageReference("\(server.authority)/app")
        let found = await cause { _ = try await makeClient().tags(of: reference) }
        #expect(found == .malformed("its list of tags has no end"))
        #expect(stranger.requests.isEmpty)
    }

    @Test("a wish to be asked again in a year is not granted", arguments: ["31536000", "date"])
    func retryAfter(_ text: String) async throws {
        let wish = text == "date" ? "Fri, 01 Jan 2100 00:00:00 GMT" : text
        let server = try await TestServer { request in
            request.uri == "/v2/" ? .status(200) : .status(429, ["Retry-After": wish])
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let client = makeClient { $0.retry.attempts = 3 }
        let start = ContinuousClock.now
        let found = await cause { _ = try await client.resolve(reference) }
        guard case .tooManyRequests = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test(
        "sizes below nothing, and of more than there can be, are refused",
        arguments: [true, false]
    )
    func sizes(isNegative: Bool) async throws {
        let size = isNegative ? "-1" : "9223372036854775807"
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","layers":[],"config":
            {"mediaType":"\(MediaType.ociConfig)","digest":"\(Digest.of([]))","size":\(size)}}
            """
        switch refusal(of: try await resolving(Array(text.utf8))) {
        case .malformed, .tooLarge: break
        case let other: Issue.record("\(String(describing: other))")
        }
    }

    @Test("a manifest of ten thousand layers is refused")
    func layers() async throws {
        var manifest = image.manifest
        manifest.layers = Array(repeating: manifest.layers[0], count: 10_000)
        guard
            case .malformed(let words) = refusal(of: try await resolving(OCIJSON.encode(manifest)))
        else {
            Issue.record("taken")
            return
        }
        #expect(words.contains("more than 500 layers"))
    }

    @Test("a history of ten thousand entries is only long; one layer too many is refused")
    func history() async throws {
        var configuration = image.configuration
        configuration.history = Array(
            repeating: .init(createdBy: "RUN true", isEmptyLayer: true),
            count: 10_000
        )
        for extra in [0, 1] {
            configuration.diffIDs += Array(repeating: .of([1]), count: extra)
            let bytes = try OCIJSON.encode(configuration)
            var manifest = image.manifest
            manifest.config = Descriptor(mediaType: MediaType.ociConfig, of: bytes)
            let found = try await resolving(try OCIJSON.encode(manifest), configuration: bytes)
            switch (found, extra) {
            case (.success(let image), 0): #expect(image.configuration.history.count == 10_000)
            case (.failure, 1): break
            default: Issue.record("\(found)")
            }
        }
    }

    @Test("layers that are to come from elsewhere are not fetched from there")
    func foreign() async throws {
        let stranger = try await TestServer { _ in .status(200) }
        var manifest = image.manifest
        manifest.layers[0].mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        manifest.layers[0].urls = ["http://\(stranger.authority)/layer"]
        let document = try OCIJSON.encode(manifest)
        let (bytes, digest) = (image.configurationBytes, manifest.config.digest)
        let server = try await TestServer { request in
            switch request.path {
            case "/v2/": .status(200)
            case "/v2/app/manifests/1": TestImage.manifest(document, MediaType.ociManifest)
            case "/v2/app/blobs/\(digest)": TestServer.Answer(body: bytes)
            default: .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let client = makeClient()
        let found = await cause {
            let image = try await client.resolve(reference)
            _ = try await client.blob(image.layers[0].blob, of: reference)
        }
        guard case .missing(.layer, _, nil) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(stranger.requests.isEmpty)
    }

    @Test("a document that is an index and a manifest at once is neither")
    func confusion() async throws {
        let manifest = String(decoding: image.document, as: UTF8.self)
        let both = manifest.dropLast() + #","manifests":[]}"#
        for type in [MediaType.ociManifest, MediaType.ociIndex] {
            guard case .malformed = refusal(of: try await resolving(Array(both.utf8), type: type))
            else {
                Issue.record("taken as \(type)")
                continue
            }
        }
        guard
            case .malformed = refusal(
                of: try await resolving(image.document, type: MediaType.ociIndex)
            )
        else {
            Issue.record("its type was believed")
            return
        }
    }

    @Test("a token server that sends in circles is left")
    func tokenCircle() async throws {
        let server = try await TestServer { request in
            guard request.path == "/token" else {
                let realm = request.headers.first(name: "Host") ?? ""
                let challenge = "Bearer realm=\"http://\(realm)/token\",service=\"s\""
                return .status(401, ["WWW-Authenticate": challenge])
            }
            return .redirect("/token?again=\(request.uri.count)")
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let found = await cause { _ = try await makeClient().resolve(reference) }
        guard case .redirected = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test(
        "an upload is not sent to what is no registry",
        arguments: ["file:///etc/passwd", "ftp://h/"]
    )
    func uploadLocation(_ location: String) async throws {
        let server = try await TestServer { request in
            switch request.method {
            case "POST": .status(202, ["Location": location])
            case "HEAD": .status(404)
            default: .status(200)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let layer = image.layer
        let found = await cause {
            _ = try await makeClient().upload(
                image.layerDescriptor.digest,
                BlobContent(layer),
                to: reference
            )
        }
        guard case .redirected = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(!server.requests.contains { $0.method == "PUT" || $0.method == "PATCH" })
    }

    @Test("an announced digest that is none is not believed: the document is asked for")
    func announcedDigest() async throws {
        let (document, digest) = (image.document, image.descriptor.digest)
        let server = try await TestServer { request in
            switch request.path {
            case "/v2/": .status(200)
            case "/v2/app/manifests/1":
                TestServer.Answer(
                    headers: [
                        "Content-Type": MediaType.ociManifest, "Docker-Content-Digest": "sha256:no",
                    ],
                    body: request.method == "HEAD" ? [] : document
                )
            default: .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        #expect(try await makeClient().digest(of: reference) == digest)
    }
}
