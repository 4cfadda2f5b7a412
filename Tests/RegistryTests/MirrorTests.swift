import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Mirrors", .timeLimit(.minutes(1)))
struct MirrorTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    /// A client for which `mirrors` stand in for the registry `origin`.
    private func client(
        _ mirrors: [String],
        of origin: TestServer,
        credentials: Credentials? = nil
    ) throws -> RegistryClient {
        let mirrors = try mirrors.map(Mirror.init)
        return makeClient {
            $0.settings.mirrors[origin.authority] = mirrors
            $0.credentials = { host in host.name == origin.authority ? credentials : nil }
        }
    }

    private func good() async throws -> TestServer {
        let image = image
        return try await TestServer { image.answer($0) ?? .status(404) }
    }

    @Test("are asked first, and the registry itself not at all")
    func first() async throws {
        let (origin, mirror) = (try await good(), try await good())
        let client = try client(["http://\(mirror.authority)"], of: origin)
        let reference = try ImageReference("\(origin.authority)/app:1")
        let found = try await client.resolve(reference)
        #expect(found.reference == reference)
        #expect(try await client.blob(image.layerDescriptor, of: reference) == image.layer)
        #expect(origin.requests.isEmpty)
    }

    @Test("may have a path before /v2/")
    func path() async throws {
        let image = image
        let mirror = try await TestServer { request in
            guard request.uri.hasPrefix("/proxy/hub/v2/") else { return .status(500) }
            var request = request
            request.uri = String(request.uri.dropFirst("/proxy/hub".count))
            return image.answer(request) ?? .status(404)
        }
        let origin = try await good()
        let client = try client(["http://\(mirror.authority)/proxy/hub/"], of: origin)
        _ = try await client.resolve(ImageReference("\(origin.authority)/app:1"))
        #expect(origin.requests.isEmpty)
    }

    @Test("that fail in any way are passed over, in order, up to the registry itself")
    func fallBack() async throws {
        let dead = try await TestServer { _ in .status(200) }.port
        let image = image
        let other = try TestImage(platform: Platform(os: "linux", architecture: "s390x"))
        let broken = try await TestServer { _ in .status(500) }
        let empty = try await TestServer { _ in .status(404) }
        let page = try await TestServer { _ in TestServer.Answer(body: Array("<html>".utf8)) }
        let wrong = try await TestServer { _ in
            TestImage.manifest(other.document, MediaType.ociManifest)
        }
        let closed = try await TestServer { _ in .status(401) }
        let origin = try await good()
        let client = try client(
            ["http://127.0.0.1:\(dead)"]
                + [broken, empty, page, wrong, closed].map { "http://\($0.authority)" },
            of: origin
        )
        let reference = try ImageReference(
            "\(origin.authority)/app@\(image.descriptor.digest)"
        )
        #expect(try await client.resolve(reference).manifest == image.manifest)
        for server in [broken, empty, page, wrong, closed] { #expect(!server.requests.isEmpty) }
    }

    @Test("that break off in a blob are gone on from elsewhere, where they were")
    func middle() async throws {
        let image = image
        let mirror = try await TestServer { request in
            var answer = TestImage.ranged(image.layer, request)
            answer.cutAfter = request.headers.contains(name: "Range") ? 0 : 20_000
            return answer
        }
        let origin = try await good()
        let client = try client(["http://\(mirror.authority)"], of: origin)
        let reference = try ImageReference("\(origin.authority)/app:1")
        #expect(try await client.blob(image.layerDescriptor, of: reference) == image.layer)
        let ranges = origin.requests.compactMap { $0.headers.first(name: "Range") }
        #expect(ranges.count == 1 && ranges.first != "bytes=0-")
    }

    @Test("never see the registry's credentials, nor its tokens")
    func credentials() async throws {
        let mirror = try await TestServer { request in
            request.authorization == nil
                ? .status(401, ["WWW-Authenticate": "Basic realm=\"mirror\""]) : .status(200)
        }
        let image = image
        let origin = try await TestServer { request in
            request.authorization == nil
                ? .status(401, ["WWW-Authenticate": "Basic realm=\"r\""])
                : image.answer(request) ?? .status(404)
        }
        let client = try client(
            ["http://\(mirror.authority)"],
            of: origin,
            credentials: Credentials(username: "u", password: "p")
        )
        _ = try await client.resolve(ImageReference("\(origin.authority)/app:1"))
        #expect(!mirror.requests.isEmpty)
        #expect(mirror.requests.allSatisfy { $0.authorization == nil })
    }

    @Test("that sent wrong content are asked no more")
    func abandon() async throws {
        let (origin, mirror) = (try await good(), try await good())
        let client = try client(["http://\(mirror.authority)"], of: origin)
        let reference = try ImageReference("\(origin.authority)/app:1")
        #expect(client.abandonMirrors(of: reference))
        #expect(!client.abandonMirrors(of: reference))
        _ = try await client.resolve(reference)
        #expect(mirror.requests.isEmpty)
    }
}
