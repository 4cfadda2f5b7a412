import Glibc
import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Resolving", .timeLimit(.minutes(1)))
struct ResolveTests {
    private func reference(_ server: TestServer, _ rest: String = "app:1") throws -> ImageReference
    {
        try ImageReference("\(server.authority)/\(rest)")
    }

    @Test("finds manifest, configuration and layers by tag and by digest")
    func plain() async throws {
        let image = try TestImage()
        let server = try await TestServer { image.answer($0) ?? .status(404) }
        let client = makeClient()
        for name in ["app:1", "app@\(image.descriptor.digest)", "app:9@\(image.descriptor.digest)"]
        {
            let found = try await client.resolve(reference(server, name))
            #expect(found.manifest == image.manifest)
            #expect(found.document.bytes == image.document)
            #expect(found.configurationBytes == image.configurationBytes)
            #expect(found.digest == image.descriptor.digest)
            #expect(found.layers.map(\.diffID) == image.configuration.diffIDs)
            #expect(found.warnings == [])
        }
        #expect(try await client.digest(of: reference(server)) == image.descriptor.digest)
        let accept = server.requests.first { $0.uri.contains("manifests") }?.headers["Accept"]
        #expect(accept == MediaType.manifests)
    }

    @Test(
        "asks by GET where a registry refuses HEAD, limits it or stumbles over it",
        arguments: [403, 404, 405, 408, 429, 500, 501, 503]
    )
    func refusedHead(status: Int) async throws {
        let image = try TestImage()
        let server = try await TestServer { request in
            request.method == "HEAD" ? .status(status) : image.answer(request) ?? .status(404)
        }
        let client = makeClient()
        #expect(try await client.digest(of: reference(server)) == image.descriptor.digest)
        if status != 404 {
            let digest = image.descriptor.digest
            #expect(try await client.hasManifest(digest, in: reference(server)))
        }
        // Each of them once: whoever limits requests is not asked again for nothing.
        let heads = server.requests.count { $0.method == "HEAD" }
        #expect(heads == (status == 404 ? 1 : 2))
    }

    @Test("asks by GET where a registry hangs up at HEAD")
    func brokenHead() async throws {
        let image = try TestImage()
        let server = try await TestServer { request in
            request.method == "HEAD"
                ? TestServer.Answer(hangsUp: true) : image.answer(request) ?? .status(404)
        }
        let digest = image.descriptor.digest
        #expect(try await makeClient().digest(of: reference(server)) == digest)
    }

    @Test("names the part that a registry does not have of an image that it has")
    func missingParts() async throws {
        let image = try TestImage()
        let index = try OCIJSON.encode(ImageIndex(manifests: [image.descriptor]))
        let layer = image.layerDescriptor.digest
        func message(_ part: Digest, redirecting: Bool = false) async throws -> String {
            let server = try await TestServer { request in
                if request.uri == "/elsewhere" { return .status(404) }
                if request.uri.hasSuffix("\(part)") {
                    let body = #"{"errors":[{"code":"BLOB_UNKNOWN","message":"unknown blob"}]}"#
                    return redirecting
                        ? .redirect("/elsewhere")
                        : TestServer.Answer(status: 404, body: Array(body.utf8))
                }
                if request.uri == "/v2/app/manifests/multi" {
                    return TestImage.manifest(index, MediaType.ociIndex)
                }
                return image.answer(request) ?? .status(404)
            }
            let name = try reference(server, "app:multi")
            do {
                _ = try await makeClient().resolve(name)
                _ = try await makeClient().blob(image.layerDescriptor, of: name)
                return "no error"
            } catch {
                return "\(error)".replacing(server.authority, with: "here")
            }
        }
        func words(_ why: String, _ has: String, _ part: String, _ digest: Digest) -> String {
            "cannot get here/app:multi from here: \(why): the registry has the \(has) of the image, "
                + "but not its \(part) \(digest); who published it has to push it again"
        }
        let configuration = image.manifest.config.digest
        #expect(
            try await message(configuration)
                == words("unknown blob", "manifest", "configuration", configuration)
        )
        #expect(try await message(layer) == words("unknown blob", "manifest", "layer", layer))
        #expect(
            try await message(layer, redirecting: true)
                == words("blob unknown", "manifest", "layer", layer)
        )
        let manifest = image.descriptor.digest
        #expect(
            try await message(manifest) == words("unknown blob", "index", "manifest", manifest)
        )
    }

    @Test("chooses from an index, also a nested one, never an attestation")
    func index() async throws {
        let image = try TestImage()
        let other = try TestImage(platform: Platform(os: "linux", architecture: "s390x"))
        var attestation = Descriptor(mediaType: MediaType.ociManifest, of: [1])
        attestation.platform = Platform(os: "unknown", architecture: "unknown")
        let inner = try OCIJSON.encode(
            ImageIndex(manifests: [attestation, other.descriptor, image.descriptor])
        )
        var nested = Descriptor(mediaType: MediaType.ociIndex, of: inner)
        nested.platform = Platform.host
        let outer = try OCIJSON.encode(
            ImageIndex(mediaType: MediaType.dockerIndex, manifests: [other.descriptor, nested])
        )
        let innerDigest = Digest.of(inner)
        let server = try await TestServer { request in
            switch request.uri {
            case "/v2/app/manifests/multi": TestImage.manifest(outer, MediaType.dockerIndex)
            case "/v2/app/manifests/\(innerDigest)":
                TestImage.manifest(inner, MediaType.ociIndex)
            default: image.answer(request) ?? .status(404)
            }
        }
        let client = makeClient()
        let found = try await client.resolve(reference(server, "app:multi"))
        #expect(found.manifest == image.manifest)
        #expect(found.digest == .of(outer))
        #expect(found.indexes.map(\.bytes) == [outer, inner])
        let arm = Platform(os: "linux", architecture: "riscv64")
        let missing = await cause {
            _ = try await client.resolve(reference(server, "app:multi"), platform: arm)
        }
        #expect(
            missing
                == .noPlatform(
                    wanted: arm,
                    offered: [Platform(os: "linux", architecture: "s390x"), .host]
                )
        )
    }

    @Test("ends at indexes that lead nowhere")
    func recursion() async throws {
        // Digests cannot form a circle, but a chain may be long.
        var chain: [Digest: [UInt8]] = [:]
        var next = Descriptor(mediaType: MediaType.ociIndex, of: [0])
        var bytes: [UInt8] = []
        for _ in 0..<10 {
            bytes = try OCIJSON.encode(ImageIndex(manifests: [next]))
            next = Descriptor(mediaType: MediaType.ociIndex, of: bytes)
            chain[next.digest] = bytes
        }
        let (documents, top) = (chain, bytes)
        let server = try await TestServer { request in
            if request.uri == "/v2/" { return .status(200) }
            let name = String(request.uri.split(separator: "/").last ?? "")
            let document = Digest(name).flatMap { documents[$0] } ?? top
            return TestImage.manifest(document, MediaType.ociIndex)
        }
        let found = await cause { _ = try await makeClient().resolve(reference(server)) }
        #expect(found == .malformed("indexes nested more than 4 deep"))
    }

    @Test("takes another platform's image with a warning, or not at all if one was asked for")
    func platforms() async throws {
        let wrong = Platform(os: "linux", architecture: "s390x")
        let image = try TestImage(platform: wrong)
        let server = try await TestServer { image.answer($0) ?? .status(404) }
        let client = makeClient()
        #expect(try await client.resolve(reference(server)).warnings.count == 1)
        let refused = await cause {
            _ = try await client.resolve(
                reference(server),
                platform: .host,
                isPlatformExplicit: true
            )
        }
        #expect(refused == .otherPlatform(wanted: .host, found: wrong))
    }

    @Test("refuses an image of another operating system", arguments: ["windows", "Windows"])
    func otherSystem(system: String) async throws {
        let image = try TestImage(platform: Platform(os: system, architecture: "amd64"))
        let server = try await TestServer { image.answer($0) ?? .status(404) }
        let found = await cause { _ = try await makeClient().resolve(reference(server)) }
        #expect(found == .otherSystem(system))
    }

    @Test("refuses what is not what was promised")
    func lies() async throws {
        let image = try TestImage()
        let other = try TestImage(platform: Platform(os: "linux", architecture: "s390x"))
        func served(
            _ change:
                @escaping @Sendable (TestServer.Request, TestServer.Answer) -> TestServer.Answer,
            _ name: String = "app:1"
        ) async throws -> RegistryError.Cause? {
            let server = try await TestServer { request in
                image.answer(request).map { change(request, $0) } ?? .status(404)
            }
            return await cause { _ = try await makeClient().resolve(reference(server, name)) }
        }
        let wrongManifest = try await served(
            { request, answer in
                request.uri.contains("manifests")
                    ? TestServer.Answer(headers: answer.headers, body: other.document) : answer
            },
            "app@\(image.descriptor.digest)"
        )
        #expect(
            wrongManifest
                == .wrongDigest(expected: image.descriptor.digest, found: other.descriptor.digest)
        )
        let wrongConfiguration = try await served { request, answer in
            var bytes = answer.body
            if request.uri.contains(image.manifest.config.digest.hex) { bytes[0] ^= 1 }
            return TestServer.Answer(headers: answer.headers, body: bytes)
        }
        guard case .wrongDigest = wrongConfiguration else {
            Issue.record("\(String(describing: wrongConfiguration))")
            return
        }
        let longConfiguration = try await served { request, answer in
            request.uri.contains("blobs") ? TestServer.Answer(body: answer.body + [32]) : answer
        }
        #expect(longConfiguration == .tooLarge(limit: image.configurationBytes.count))
        let confused = try await served { request, answer in
            TestServer.Answer(headers: ["Content-Type": MediaType.ociIndex], body: answer.body)
        }
        guard case .malformed = confused else {
            Issue.record("\(String(describing: confused))")
            return
        }
        let huge = try await served { request, answer in
            request.uri.contains("manifests")
                ? TestServer.Answer(body: [UInt8](repeating: 32, count: 5 << 20)) : answer
        }
        #expect(huge == .tooLarge(limit: 4 << 20))
        let page = try await served { request, _ in
            TestServer.Answer(
                headers: ["Content-Type": "text/html"],
                body: Array("<html>Log in</html>".utf8)
            )
        }
        guard case .malformed = page else {
            Issue.record("\(String(describing: page))")
            return
        }
    }

    @Test("refuses what is no image")
    func artifacts() async throws {
        func served(_ change: (inout Manifest) -> Void) async throws -> RegistryError.Cause? {
            var image = try TestImage()
            change(&image.manifest)
            image.document = try OCIJSON.encode(image.manifest)
            let served = image
            let server = try await TestServer { served.answer($0) ?? .status(404) }
            return await cause { _ = try await makeClient().resolve(reference(server)) }
        }
        let plugin = try await served { $0.config.mediaType = MediaType.dockerPlugin }
        #expect(plugin == .notAnImage("it is a plugin, not an image"))
        let chart = try await served {
            $0.config.mediaType = "application/vnd.cncf.helm.config.v1+json"
        }
        guard case .notAnImage = chart else {
            Issue.record("\(String(describing: chart))")
            return
        }
        let count = try await served { $0.layers.append($0.layers[0]) }
        guard case .malformed = count else {
            Issue.record("\(String(describing: count))")
            return
        }
    }

    @Test("says what is wrong: host, reference, cause, what to do")
    func words() async throws {
        let server = try await TestServer { request in
            switch request.uri {
            case "/v2/": return .status(200)
            case let uri where uri.contains("/gone/"):
                return TestServer.Answer(
                    status: 404,
                    body: Array(
                        #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#
                            .utf8
                    )
                )
            case let uri where uri.contains("/secret/"): return .status(403)
            default: return .status(418)
            }
        }
        let authority = server.authority
        func message(_ name: String) async -> String {
            do {
                _ = try await makeClient().resolve(ImageReference("\(authority)/\(name)"))
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(
            await message("gone:1")
                == "cannot get \(authority)/gone:1 from \(authority): "
                + "manifest for \(authority)/gone:1 not found: manifest unknown; "
                + "there is no such image, check its name and tag"
        )
        #expect(
            await message("secret:1")
                == "cannot get \(authority)/secret:1 from \(authority): "
                + "pull access denied for \(authority)/secret, repository does not exist or may "
                + "require 'docker login'; log in with `berth login \(authority)`"
        )
        #expect(
            await message("tea:1")
                == "cannot get \(authority)/tea:1 from \(authority): the registry answers 418"
        )
    }

    @Test("says when nobody is there")
    func refused() async throws {
        // A port that is held, and that nobody listens on.
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(holder, $0, length) == 0 && getsockname(holder, $0, &length) == 0
            }
        }
        try #require(isBound)
        let port = UInt16(bigEndian: address.sin_port)
        let found = await cause {
            _ = try await RegistryClient(logger: quiet).resolve(
                ImageReference("127.0.0.1:\(port)/app:1")
            )
        }
        #expect(found == .unreachable("connection refused"))
    }
}
