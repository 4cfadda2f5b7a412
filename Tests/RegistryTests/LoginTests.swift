import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Logging in", .timeLimit(.minutes(1)))
struct LoginTests {
    private let secret = Credentials(username: "user", password: "pass")
    private static let basic = "Basic dXNlcjpwYXNz"

    private func host(_ server: TestServer) -> RegistryHost { RegistryHost(server.authority) }

    @Test("tries the password out where basic authentication is wanted")
    func basic() async throws {
        let server = try await TestServer { request in
            request.authorization == Self.basic
                ? .status(200) : .status(401, ["WWW-Authenticate": "Basic realm=\"r\""])
        }
        #expect(try await makeClient().logIn(to: host(server), with: secret) == secret)
        do {
            let wrong = Credentials(username: "user", password: "wrong")
            _ = try await makeClient().logIn(to: host(server), with: wrong)
            Issue.record("no error")
        } catch {
            #expect(
                "\(error)" == "cannot log in to \(server.authority): "
                    + "unauthorized: incorrect username or password"
            )
        }
    }

    @Test("takes the identity token that a token server gives, and uses it later")
    func identity() async throws {
        let image = try TestImage()
        let server = try await TestServer { request in
            let host = request.headers.first(name: "Host") ?? ""
            if request.uri.hasPrefix("/token") {
                if request.method == "POST" {
                    return TestServer.Answer(body: Array(#"{"access_token":"by-form"}"#.utf8))
                }
                guard request.authorization == Self.basic else { return .status(401) }
                let text = #"{"token":"short","refresh_token":"long"}"#
                return TestServer.Answer(body: Array(text.utf8))
            }
            guard ["Bearer short", "Bearer by-form"].contains(request.authorization) else {
                let realm = "Bearer realm=\"http://\(host)/token\",service=\"s\""
                return .status(401, ["WWW-Authenticate": realm])
            }
            return image.answer(request) ?? .status(404)
        }
        let kept = try await makeClient().logIn(to: host(server), with: secret)
        #expect(kept == .identityToken("long"))
        let asked = server.requests.filter { $0.uri.hasPrefix("/token") }.map(\.uri)
        #expect(
            asked == ["/token?service=s&account=user&client_id=berth&offline_token=true"]
        )
        let client = makeClient { $0.credentials = { _ in kept } }
        _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
        let posts = server.requests.filter { $0.method == "POST" }
        #expect(posts.map(\.uri) == ["/token"])
        #expect(posts.allSatisfy { $0.authorization == nil })
    }

    @Test("never posts an identity token to where a redirect leads")
    func redirected() async throws {
        let thief = try await TestServer { _ in
            TestServer.Answer(body: Array(#"{"token":"t"}"#.utf8))
        }
        let away = "http://\(thief.authority)/token"
        let server = try await TestServer { request in
            let host = request.headers.first(name: "Host") ?? ""
            return request.uri.hasPrefix("/token")
                ? .redirect(away)
                : .status(401, ["WWW-Authenticate": "Bearer realm=\"http://\(host)/token\""])
        }
        let client = makeClient { $0.credentials = { _ in .identityToken("long") } }
        let found = await cause {
            _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
        }
        guard case .redirected = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(thief.requests.isEmpty)
    }

    @Test("sends a registry token as it is")
    func registryToken() async throws {
        let image = try TestImage()
        let server = try await TestServer { request in
            request.authorization == "Bearer ready"
                ? image.answer(request) ?? .status(404)
                : .status(401, ["WWW-Authenticate": "Bearer realm=\"http://127.0.0.1:1/\""])
        }
        let client = makeClient { $0.credentials = { _ in .registryToken("ready") } }
        _ = try await client.resolve(ImageReference("\(server.authority)/app:1"))
    }

    @Test("says so when nobody, or something else, is there")
    func elsewhere() async throws {
        let page = try await TestServer { _ in .status(404) }
        #expect(
            await cause { _ = try await makeClient().logIn(to: host(page), with: secret) }
                == .notFound(nil)
        )
        let open = try await TestServer { _ in .status(200) }
        #expect(try await makeClient().logIn(to: host(open), with: secret) == secret)
        let gone = try await TestServer { _ in .status(200) }.authority
        let found = await cause {
            _ = try await makeClient().logIn(to: RegistryHost(gone), with: secret)
        }
        #expect(found == .unreachable("connection refused"))
    }

    @Test("keeps passwords and tokens out of descriptions")
    func descriptions() {
        for credentials in [secret, .identityToken("hush"), .registryToken("hush")] {
            let words = "\(credentials) \(String(reflecting: credentials))"
            #expect(!words.contains("pass") && !words.contains("hush"))
        }
    }
}

@Suite("Searching", .timeLimit(.minutes(1)))
struct SearchTests {
    @Test(
        "looks in the registry that stands before the term",
        arguments: [
            ("redis", "docker.io", "redis"), ("library/redis", "docker.io", "library/redis"),
            ("localhost:5000/a/b", "localhost:5000", "a/b"),
            ("reg.example.com/", "reg.example.com", ""), ("docker.io/redis", "docker.io", "redis"),
        ]
    )
    func terms(written: String, host: String, text: String) {
        let term = SearchTerm(written)
        #expect(term.host.name == host && term.text == text)
    }

    @Test("asks /v1/search, and cleans what others wrote")
    func index() async throws {
        let server = try await TestServer { request in
            guard request.uri.hasPrefix("/v1/search") else { return .status(200) }
            let text = """
                {"num_results": 2, "results": [
                 {"name": "a", "description": "x\\u001b[31m\\ny", "star_count": 3,
                  "is_official": true, "is_automated": false}, {"name": "b"}]}
                """
            return TestServer.Answer(body: Array(text.utf8))
        }
        let answer = try await makeClient().search(
            SearchTerm("\(server.authority)/te rm&x"),
            limit: 7
        )
        #expect(!answer.isCatalog)
        #expect(answer.results.map(\.name) == ["\(server.authority)/a", "\(server.authority)/b"])
        #expect(answer.results[0].description == "x [31m y")
        #expect(answer.results[0].isOfficial && answer.results[0].stars == 3)
        #expect(server.requests.last?.uri == "/v1/search?q=te%20rm%26x&n=7")
    }

    @Test("falls back to the catalog, page by page, with its scope")
    func catalog() async throws {
        let server = try await TestServer { request in
            switch request.uri {
            case "/v2/": return .status(200)
            case let uri where uri.hasPrefix("/token"):
                return TestServer.Answer(body: Array(#"{"token":"t"}"#.utf8))
            case let uri where uri.hasPrefix("/v2/_catalog"):
                guard request.authorization == "Bearer t" else {
                    let host = request.headers.first(name: "Host") ?? ""
                    return .status(
                        401,
                        ["WWW-Authenticate": "Bearer realm=\"http://\(host)/token\""]
                    )
                }
                let isFirst = !uri.contains("last=")
                return TestServer.Answer(
                    headers: isFirst
                        ? ["Link": "<https://evil.example/v2/_catalog?last=b&n=2>; rel=\"next\""]
                        : [:],
                    body: Array(
                        #"{"repositories":["\#(isFirst ? "app" : "last")/x","other"]}"#.utf8
                    )
                )
            default: return .status(404)
            }
        }
        let term = SearchTerm("\(server.authority)/x")
        let answer = try await makeClient().search(term, limit: 25)
        #expect(answer.isCatalog)
        #expect(
            answer.results.map(\.name) == [
                "\(server.authority)/app/x", "\(server.authority)/last/x",
            ]
        )
        let tokens = server.requests.filter { $0.uri.hasPrefix("/token") }.map(\.uri)
        #expect(tokens == ["/token?scope=registry:catalog:*&client_id=berth"])
        let one = try await makeClient().search(term, limit: 1)
        #expect(one.results.count == 1)
    }

    @Test("gives up on a catalog without end, and on registries that offer neither")
    func refused() async throws {
        let neither = try await TestServer { $0.uri == "/v2/" ? .status(200) : .status(404) }
        do {
            _ = try await makeClient().search(SearchTerm("\(neither.authority)/x"), limit: 5)
            Issue.record("no error")
        } catch {
            #expect("\(error)".hasSuffix("it offers neither search nor a list of its repositories"))
        }
    }
}
