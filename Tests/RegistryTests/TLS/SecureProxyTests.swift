import Foundation
import NIOHTTP1
import OCI
import SystemPackage
import Testing

@testable import Registry

/// Proxies that are spoken to by https themselves.
@Suite("Secure proxies", .enabled(if: TestAuthority.isPossible), .timeLimit(.minutes(1)))
struct SecureProxyTests {
    private let folder: Folder
    private let authority: TestAuthority
    private let image: TestImage

    init() throws {
        folder = try Folder()
        authority = try TestAuthority("authority", in: folder)
        try authority.issue("here", for: "localhost", names: "DNS:localhost,IP:127.0.0.1")
        try authority.issue("other", for: "other", names: "DNS:other.example.com")
        image = try TestImage()
    }

    /// A proxy with the way to a registry that only it knows.
    private func proxy(
        to origin: TestServer,
        showing certificate: String = "here"
    ) async throws -> ConnectProxy {
        try await ConnectProxy(
            to: origin.port,
            for: "reg.test:80",
            password: "Basic dTpw",
            tls: try authority.context(certificate)
        )
    }

    /// A client that believes in `reg.test`, and the proxy's authority if that is installed.
    private func client(_ proxy: ConnectProxy, trusts: Bool = true) throws -> RegistryClient {
        if trusts {
            let certificate = try folder.read("authority.crt")
            try folder.write(certificate, to: "certs.d/\(proxy.authority)/ca.crt")
        } else {
            let stranger = try TestAuthority("stranger", in: folder)
            let certificate = try folder.read("\(stranger.name).crt")
            try folder.write(certificate, to: "certs.d/\(proxy.authority)/ca.crt")
        }
        let rule = try InsecureRule("reg.test")
        let folder = FilePath(folder.path).appending("certs.d")
        return makeClient {
            $0.settings.insecure = [rule]
            $0.settings.certificateFolders = [folder]
            $0.settings.proxies.http = "https://u:p@\(proxy.authority)"
            $0.settings.proxies.https = "https://u:p@\(proxy.authority)"
            $0.retry.attempts = 2
        }
    }

    @Test("lead to registries behind them, with their own password, and keep large layers whole")
    func connect() async throws {
        let image = image
        let origin = try await TestServer { image.answer($0) ?? .status(404) }
        let proxy = try await proxy(to: origin)
        let client = try client(proxy)
        let reference = try ImageReference("reg.test/app:1")
        #expect(try await client.resolve(reference).manifest == image.manifest)
        for _ in 0..<3 {
            #expect(try await client.blob(image.layerDescriptor, of: reference) == image.layer)
        }
        #expect(proxy.targets.contains("reg.test:443"))
        #expect(origin.requests.allSatisfy { !$0.headers.contains(name: "Proxy-Authorization") })
    }

    @Test("whose certificate nobody vouches for get neither password nor request")
    func untrusted() async throws {
        let origin = try await TestServer { _ in .status(200) }
        for (certificate, trusts) in [("here", false), ("other", true)] {
            let proxy = try await proxy(to: origin, showing: certificate)
            do {
                _ = try await client(proxy, trusts: trusts).resolve(
                    ImageReference("reg.test/app:1")
                )
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains("the proxy \(proxy.authority): x509"), "\(error)")
                #expect("\(error)".contains("certs.d/\(proxy.authority)/ca.crt"), "\(error)")
            }
            #expect(proxy.targets.isEmpty)
        }
        #expect(origin.requests.isEmpty)
    }

    @Test("that are not there, or speak no TLS, are named")
    func absent() async throws {
        let plain = try await TestServer { _ in .status(200) }
        let closed = try await RawServer { _ in [] }.port
        for (port, words) in [(plain.port, "the "), (closed, "connection refused")] {
            let rule = try InsecureRule("reg.test")
            let client = makeClient {
                $0.settings.insecure = [rule]
                $0.settings.proxies.http = "https://127.0.0.1:\(port)"
                $0.settings.proxies.https = "https://127.0.0.1:\(port)"
            }
            do {
                _ = try await client.resolve(ImageReference("reg.test/app:1"))
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains("the proxy 127.0.0.1:\(port): "), "\(error)")
                #expect("\(error)".contains(words), "\(error)")
            }
        }
    }
}
