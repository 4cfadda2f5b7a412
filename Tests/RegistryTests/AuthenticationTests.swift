import FoundationEssentials
import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Challenges")
struct ChallengeTests {
    @Test(
        "are read as RFC 9110 writes them",
        arguments: [
            (
                [
                    #"Bearer realm="https://auth/token",service="registry",scope="repository:a/b:pull""#
                ],
                [
                    Challenge(
                        scheme: "bearer",
                        parameters: [
                            "realm": "https://auth/token", "service": "registry",
                            "scope": "repository:a/b:pull",
                        ]
                    )
                ]
            ),
            (
                [#"Basic realm="a \"b\", c" , Bearer realm=x"#],
                [
                    Challenge(scheme: "basic", parameters: ["realm": "a \"b\", c"]),
                    Challenge(scheme: "bearer", parameters: ["realm": "x"]),
                ]
            ),
            (
                ["Negotiate", "BASIC Realm = \"r\""],
                [
                    Challenge(scheme: "negotiate", parameters: [:]),
                    Challenge(scheme: "basic", parameters: ["realm": "r"]),
                ]
            ),
            ([#"Bearer realm="never closed"#], [Challenge(scheme: "bearer", parameters: [:])]),
            (["", ",,,", "="], []),
        ]
    )
    func parse(headers: [String], challenges: [Challenge]) {
        #expect(Challenge.parse(headers) == challenges)
    }
}

@Suite("Realms")
struct RealmTests {
    private func origin(_ text: String) throws -> Origin {
        try #require(URL(string: text).flatMap { Origin($0) })
    }

    @Test(
        "that could be anybody's are refused",
        arguments: [
            "http://auth.example.com/token", "file:///etc/passwd", "https://127.0.0.1/token",
            "https://localhost:8443/token", "http://169.254.169.254/latest", "", "not a url",
            "https://user:pass@auth.example.com/token", "gopher://x",
        ]
    )
    func refused(realm: String) throws {
        let policy = RealmPolicy(settings: RegistrySettings())
        switch policy.check(realm, registry: try origin("https://registry.example.com")) {
        case .success: Issue.record("accepted")
        case .failure: break
        }
    }

    @Test(
        "see the credentials of registries of their own domain only",
        arguments: [
            ("https://auth.docker.io", "https://registry-1.docker.io", true),
            ("https://ghcr.io", "https://ghcr.io", true),
            ("https://gitlab.com", "https://registry.gitlab.com", true),
            ("https://auth.example.co.uk", "https://registry.example.co.uk", true),
            ("https://evil.co.uk", "https://registry.example.co.uk", false),
            ("https://evil.io", "https://registry-1.docker.io", false),
            ("https://docker.io.evil.com", "https://registry-1.docker.io", false),
            ("https://10.0.0.2", "https://10.0.0.1", false),
            ("https://10.0.0.1", "https://10.0.0.1:5000", true),
        ]
    )
    func credentials(realm: String, registry: String, allowed: Bool) throws {
        let (realm, registry) = (try origin(realm), try origin(registry))
        let policy = RealmPolicy(settings: RegistrySettings())
        #expect(policy.mayHaveCredentials(realm, of: registry, named: registry.host) == allowed)
    }

    @Test(
        "and registries on this machine are known",
        arguments: [
            ("localhost", true), ("localhost:5000", true), ("127.0.0.1:5000", true),
            ("127.9.9.9", true), ("[::1]:5000", true), ("docker.io", false), ("10.0.0.1", false),
            ("127.0.0.1.example.com", false), ("localhost.example.com", false),
            ("128.0.0.1", false),
        ]
    )
    func loopback(name: String, isLoopback: Bool) {
        let host = RegistryHost(name)
        #expect(host.isLoopback == isLoopback)
        #expect(host.schemes(RegistrySettings()) == (isLoopback ? ["http", "https"] : ["https"]))
    }
}

@Suite("Authentication", .timeLimit(.minutes(1)))
struct AuthenticationTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    /// A registry that wants a token, and its own token server.
    private func makeServer(
        answer: @escaping @Sendable (TestServer.Request) -> TestServer.Answer = { _ in
            TestServer.Answer(body: Array(#"{"token":"t0ken","expires_in":300}"#.utf8))
        },
        realm: String? = nil
    ) async throws -> TestServer {
        let image = image
        return try await TestServer { request in
            if request.uri.hasPrefix("/token") { return answer(request) }
            guard request.authorization == "Bearer t0ken" else {
                let host = request.headers.first(name: "Host") ?? ""
                let realm = realm ?? "http://\(host)/token"
                return .status(
                    401,
                    [
                        "WWW-Authenticate":
                            "Bearer realm=\"\(realm)\",service=\"s\",scope=\"repository:evil:push\""
                    ]
                )
            }
            return image.answer(request) ?? .status(404)
        }
    }

    @Test("gets a token anonymously, once, for the repository that is wanted")
    func anonymous() async throws {
        let server = try await makeServer()
        let client = makeClient()
        let reference = try ImageReference("\(server.authority)/app:1")
        _ = try await client.resolve(reference)
        _ = try await client.blob(image.layerDescriptor, of: reference)
        let tokens = server.requests.filter { $0.uri.hasPrefix("/token") }
        #expect(tokens.map(\.uri) == ["/token?service=s&scope=repository:app:pull&client_id=berth"])
        #expect(tokens.allSatisfy { $0.authorization == nil })
    }

    @Test("gives credentials to the token server, not to anybody else")
    func credentials() async throws {
        let server = try await makeServer()
        let client = makeClient {
            $0.credentials = { host in
                host.name.hasPrefix("127.") ? Credentials(username: "user", password: "pass") : nil
            }
        }
        _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
        for request in server.requests {
            if request.uri.hasPrefix("/token") {
                #expect(request.authorization == "Basic dXNlcjpwYXNz")
            } else {
                #expect(request.authorization == nil || request.authorization == "Bearer t0ken")
            }
        }
    }

    @Test("uses basic authentication where that is asked for")
    func basic() async throws {
        let image = image
        let server = try await TestServer { request in
            request.authorization == "Basic dXNlcjpwYXNz"
                ? image.answer(request) ?? .status(404)
                : .status(401, ["WWW-Authenticate": "Basic realm=\"r\""])
        }
        let reference = try ImageReference("\(server.authority)/app:1")
        let client = makeClient {
            $0.credentials = { _ in Credentials(username: "user", password: "pass") }
        }
        #expect(try await client.resolve(reference).manifest == image.manifest)
        #expect(
            await cause { _ = try await makeClient().resolve(reference) } == .unauthorized(nil)
        )
        let wrong = makeClient {
            $0.credentials = { _ in Credentials(username: "user", password: "wrong") }
        }
        #expect(await cause { _ = try await wrong.resolve(reference) } == .unauthorized(nil))
    }

    @Test("refuses token servers that could be anybody's")
    func realm() async throws {
        for realm in ["http://169.254.169.254/token", "file:///token", "http://example.invalid/t"] {
            let server = try await makeServer(realm: realm)
            let reference = try ImageReference("\(server.authority)/app:1")
            let found = await cause { _ = try await makeClient().resolve(reference) }
            guard case .realm = found else {
                Issue.record("\(String(describing: found))")
                continue
            }
        }
    }

    @Test(
        "refuses answers that are no tokens",
        arguments: [
            "{}", "[]", "not json", #"{"token":""}"#, #"{"token":"a\r\nX-Evil: 1"}"#,
            #"{"token":5}"#,
        ]
    )
    func malformed(answer: String) async throws {
        let server = try await makeServer(answer: { _ in
            TestServer.Answer(body: Array(answer.utf8))
        })
        let reference = try ImageReference("\(server.authority)/app:1")
        let found = await cause { _ = try await makeClient().resolve(reference) }
        guard case .malformed = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }

    @Test("refuses a token of two megabytes, and redirects of the token server lose the secret")
    func hostile() async throws {
        let huge = try await makeServer(answer: { _ in
            TestServer.Answer(body: [UInt8](repeating: 32, count: 2 << 20))
        })
        let first = await cause {
            _ = try await makeClient().resolve(ImageReference("\(huge.authority)/app:1"))
        }
        #expect(first == .tooLarge(limit: 1 << 20))

        let thief = try await TestServer { _ in
            TestServer.Answer(body: Array(#"{"token":"t0ken"}"#.utf8))
        }
        let away = "http://\(thief.authority)/token"
        let server = try await makeServer(answer: { _ in .redirect(away) })
        let client = makeClient {
            $0.credentials = { _ in Credentials(username: "user", password: "pass") }
        }
        _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
        #expect(thief.requests.count == 1)
        #expect(thief.requests.allSatisfy { $0.authorization == nil })
    }

    @Test("gets a new token when the old one is not accepted any more")
    func expired() async throws {
        let image = image
        let count = Count()
        let server = try await TestServer { request in
            if request.uri.hasPrefix("/token") {
                return TestServer.Answer(body: Array(#"{"access_token":"t\#(count.next())"}"#.utf8))
            }
            let accepted = request.uri.contains("blobs") ? "Bearer t2" : "Bearer t1"
            guard request.authorization == accepted else {
                let host = request.headers.first(name: "Host") ?? ""
                return .status(401, ["WWW-Authenticate": "Bearer realm=\"http://\(host)/token\""])
            }
            return image.answer(request) ?? .status(404)
        }
        let found = try await makeClient().resolve(ImageReference("\(server.authority)/app:1"))
        #expect(found.manifest == image.manifest)
    }
}
