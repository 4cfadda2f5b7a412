import NIOHTTP1
import Foundation
import NIOSSL
import OCI
import SystemPackage
import Testing

@testable import Registry

@Suite("TLS", .enabled(if: TestAuthority.isPossible), .timeLimit(.minutes(1)))
struct TLSTests {
    private let folder: Folder
    private let authority: TestAuthority
    private let stranger: TestAuthority

    init() throws {
        folder = try Folder()
        authority = try TestAuthority("authority", in: folder)
        stranger = try TestAuthority("stranger", in: folder)
        try authority.issue("here", for: "localhost", names: "DNS:localhost,IP:127.0.0.1")
        try authority.issue("other", for: "other", names: "DNS:other.example.com")
        try authority.issue("old", for: "localhost", names: "DNS:localhost", days: -1)
        try authority.issue("client", for: "client", names: "DNS:client")
        try stranger.issue("thief", for: "client", names: "DNS:client")
    }

    private func server(_ certificate: String, wantsClients: Bool = false) async throws -> RawServer
    {
        let context = try authority.context(certificate, wantsClients: wantsClients)
        return try await RawServer(tls: context) { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
        }
    }

    /// Puts files into the folder of certificates of a registry.
    private func install(_ files: [String: String], for host: String) throws {
        for (name, source) in files {
            try folder.write(try folder.read(source), to: "certs.d/\(host)/\(name)")
        }
    }

    /// What logging in without a challenge says: nil when all is well.
    private func logIn(to host: String) async -> RegistryError.Cause? {
        let client = makeClient {
            $0.settings.certificateFolders = [FilePath(folder.path).appending("certs.d")]
        }
        do {
            _ = try await client.logIn(
                to: RegistryHost(host),
                with: Credentials(username: "u", password: "p")
            )
            return nil
        } catch { return (error as? RegistryError)?.cause ?? .malformed("\(error)") }
    }

    private func isUntrusted(_ cause: RegistryError.Cause?, _ words: String) -> Bool {
        guard case .untrusted(let reason) = cause else { return false }
        return reason.contains(words)
    }

    @Test("an authority in the folder of a registry is believed, for that registry only")
    func ownAuthority() async throws {
        let (one, two) = (try await server("here"), try await server("here"))
        try install(["ca.crt": "authority.crt"], for: "localhost:\(one.port)")
        #expect(await logIn(to: "localhost:\(one.port)") == nil)
        try install(["ca.crt": "stranger.crt"], for: "localhost:\(two.port)")
        let found = await logIn(to: "localhost:\(two.port)")
        #expect(isUntrusted(found, "x509: certificate signed by unknown authority"))
        #expect(two.requests.isEmpty)
    }

    @Test("a certificate for another name, or one whose time is over, is refused")
    func wrongCertificates() async throws {
        let (other, old) = (try await server("other"), try await server("old"))
        for port in [other.port, old.port] {
            try install(["ca.crt": "authority.crt"], for: "localhost:\(port)")
        }
        #expect(isUntrusted(await logIn(to: "localhost:\(other.port)"), "for another name"))
        #expect(isUntrusted(await logIn(to: "localhost:\(old.port)"), "expired"))
    }

    @Test("on this machine any certificate will do unless an authority is installed")
    func loopback() async throws {
        let server = try await server("old")
        #expect(await logIn(to: "localhost:\(server.port)") == nil)
    }

    @Test("a registry that wants to know us gets our certificate, and nobody else")
    func clients() async throws {
        let server = try await server("here", wantsClients: true)
        let host = "localhost:\(server.port)"
        try install(["ca.crt": "authority.crt"], for: host)
        switch await logIn(to: host) {
        case .untrusted, .unreachable, .interrupted: break
        case let other: Issue.record("\(String(describing: other))")
        }
        try install(["me.cert": "thief.cert", "me.key": "thief.key"], for: host)
        switch await logIn(to: host) {
        case .untrusted, .unreachable, .interrupted: break
        case let other: Issue.record("\(String(describing: other))")
        }
        #expect(server.requests.isEmpty)
        try install(["me.cert": "client.cert", "me.key": "client.key"], for: host)
        #expect(await logIn(to: host) == nil)
    }

    @Test("of several certificates each is shown until one is taken, and that one from then on")
    func severalClients() async throws {
        let server = try await server("here", wantsClients: true)
        let host = "localhost:\(server.port)"
        try install(["ca.crt": "authority.crt"], for: host)
        try install(["a.cert": "thief.cert", "a.key": "thief.key"], for: host)
        try install(["b.cert": "client.cert", "b.key": "client.key"], for: host)
        #expect(await logIn(to: host) == nil)
        try install(["b.cert": "thief.cert", "b.key": "thief.key"], for: host)
        switch await logIn(to: host) {
        case .untrusted, .unreachable, .interrupted: break
        case let other: Issue.record("\(String(describing: other))")
        }
    }

    @Test("a key that is none is named")
    func brokenFiles() async throws {
        let server = try await server("here")
        let host = "localhost:\(server.port)"
        try folder.write("not PEM", to: "certs.d/\(host)/ca.crt")
        guard case .malformed(let words) = await logIn(to: host) else {
            Issue.record("accepted")
            return
        }
        #expect(words.contains("certs.d/\(host)/ca.crt: cannot be read as PEM"))
    }
}

@Suite("Ways through a proxy", .timeLimit(.minutes(1)))
struct ProxyWayTests {
    let image: TestImage

    init() throws { image = try TestImage() }

    /// A client that believes in `reg.test`, which only the proxy knows.
    private func client(_ proxy: String) throws -> RegistryClient {
        let rule = try InsecureRule("reg.test")
        return makeClient {
            $0.settings.insecure = [rule]
            $0.settings.proxies.http = proxy
            $0.settings.proxies.https = proxy
            $0.retry.attempts = 2
        }
    }

    @Test("lead to registries that only the proxy can reach, with the proxy's own password")
    func connect() async throws {
        let image = image
        let origin = try await TestServer { image.answer($0) ?? .status(404) }
        let proxy = try await ConnectProxy(
            to: origin.port,
            for: "reg.test:80",
            password: "Basic dTpw"
        )
        let client = try client("http://u:p@\(proxy.authority)")
        let reference = try ImageReference("reg.test/app:1")
        #expect(try await client.resolve(reference).manifest == image.manifest)
        #expect(try await client.blob(image.layerDescriptor, of: reference) == image.layer)
        #expect(proxy.targets.contains("reg.test:443"))
        #expect(origin.requests.allSatisfy { !$0.headers.contains(name: "Proxy-Authorization") })
    }

    @Test("are named when they are closed, without the password")
    func refused() async throws {
        let origin = try await TestServer { _ in .status(200) }
        let proxy = try await ConnectProxy(
            to: origin.port,
            for: "reg.test:80",
            password: "Basic other"
        )
        do {
            _ = try await client("http://u:secret@\(proxy.authority)").resolve(
                ImageReference("reg.test/app:1")
            )
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("(through the proxy \(proxy.authority))"), "\(error)")
            #expect(!"\(error)".contains("secret"))
        }
        #expect(origin.requests.isEmpty)
    }

    @Test("that are not supported are refused before anything is sent")
    func kind() async throws {
        await #expect(throws: ConfigurationError.self) {
            _ = try await client("quic://proxy.test").resolve(ImageReference("reg.test/app:1"))
        }
    }
}
