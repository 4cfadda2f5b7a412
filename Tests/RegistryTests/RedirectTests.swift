import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    static let secret = "Basic dXNlcjpwYXNz"

    private func makeClientWithCredentials() -> RegistryClient {
        makeClient { $0.credentials = { _ in Credentials(username: "user", password: "pass") } }
    }

    /// Wants basic authentication.
    private static func guarded(
        _ request: TestServer.Request,
        _ answer: () -> TestServer.Answer
    ) -> TestServer.Answer {
        request.authorization == nil
            ? .status(401, ["WWW-Authenticate": "Basic realm=\"here\""]) : answer()
    }

    @Test("to another origin lose the credentials", arguments: [301, 302, 303, 307, 308])
    func drops(status: Int) async throws {
        let image = image
        let storage = try await TestServer { TestImage.ranged(image.layer, $0) }
        let elsewhere = "http://\(storage.authority)/stored?signature=1"
        let server = try await TestServer { request in
            Self.guarded(request) {
                request.uri.contains("\(image.layerDescriptor.digest)")
                    ? .redirect(elsewhere, status) : image.answer(request) ?? .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let bytes = try await makeClientWithCredentials().blob(image.layerDescriptor, of: reference)
        #expect(bytes == image.layer)
        #expect(storage.requests.map(\.uri) == ["/stored?signature=1"])
        #expect(storage.requests.allSatisfy { $0.authorization == nil })
        #expect(server.requests.contains { $0.authorization == Self.secret })
    }

    @Test("within the origin keep them")
    func keeps() async throws {
        let image = image
        let server = try await TestServer { request in
            Self.guarded(request) {
                if request.uri.contains("\(image.layerDescriptor.digest)") {
                    return .redirect("/moved/blob")
                }
                return request.uri == "/moved/blob"
                    ? TestServer.Answer(body: image.layer) : image.answer(request) ?? .status(404)
            }
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let bytes = try await makeClientWithCredentials().blob(image.layerDescriptor, of: reference)
        #expect(bytes == image.layer)
    }

    @Test("are followed five times at most")
    func loops() async throws {
        let server = try await TestServer { request in
            request.uri == "/v2/" ? .status(200) : .redirect(request.uri)
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let found = await cause { _ = try await makeClient().resolve(reference) }
        #expect(found == .redirected("more than 5 in a row"))
    }

    @Test(
        "to other protocols or into the open are refused",
        arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/x", "http://169.254.169.254/latest/meta-data",
            "http://example.invalid/blob", "", "http://",
        ]
    )
    func refused(location: String) async throws {
        let server = try await TestServer { request in
            request.uri == "/v2/" ? .status(200) : .redirect(location)
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let found = await cause { _ = try await makeClient().resolve(reference) }
        guard case .redirected = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }
}
