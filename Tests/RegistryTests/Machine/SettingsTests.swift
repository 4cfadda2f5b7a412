import OCI
import SystemPackage
import Testing

@testable import Registry

@Suite("Settings about registries")
struct SettingsTests {
    private func settings(
        ours: String? = nil,
        dockers: String? = nil,
        environment: [String: String] = [:]
    ) throws -> RegistrySettings {
        let folder = try Folder()
        var environment = environment
        if let ours { environment["BERTH_REGISTRIES"] = try folder.write(ours, to: "r.json") }
        if let dockers { try folder.write(dockers, to: "daemon.json") }
        return try withExtendedLifetime(folder) {
            try RegistrySettings.ofMachine(
                environment: environment,
                dockerFile: FilePath(folder.path).appending("daemon.json")
            )
        }
    }

    @Test("come from our file, and what it does not say from docker's")
    func precedence() throws {
        let found = try settings(
            ours: """
                {"insecure-registries": ["reg.local:5000", "10.0.0.0/8"],
                 "mirrors": {"ghcr.io": ["https://m.example.com/ghcr/"]}}
                """,
            dockers: """
                {"insecure-registries": ["other.local"], "log-driver": "journald",
                 "registry-mirrors": ["https://hub.example.com"]}
                """
        )
        #expect(found.insecure == [.host("reg.local:5000"), .network("10.0.0.0/8")])
        #expect(found.mirrors["ghcr.io"] == [try Mirror("https://m.example.com/ghcr")])
        #expect(found.mirrors["docker.io"] == [try Mirror("https://hub.example.com/")])
        #expect(found.mirrors["ghcr.io"]?.first?.address == "https://m.example.com/ghcr")
    }

    @Test("are none where nothing is written")
    func none() throws {
        let found = try settings(dockers: "")
        #expect(found.mirrors.isEmpty && found.insecure.isEmpty)
        #expect(found.proxies == ProxySettings())
    }

    @Test(
        "that are wrong are refused with file, key and reason",
        arguments: [
            (#"{"registry-mirrors": "https://x"}"#, "registry-mirrors: a list is expected"),
            (
                #"{"registry-mirror": []}"#,
                #"unknown key "registry-mirror"; there are certificate-"#
            ),
            (#"{"registry-mirrors": ["ftp://x"]}"#, "a mirror is an http or https address"),
            (#"{"registry-mirrors": ["https://u:p@x"]}"#, "carries a password"),
            (#"{"registry-mirrors": ["https://x?y=1"]}"#, "ends with its path"),
            (#"{"insecure-registries": ["a/b"]}"#, "neither host[:port] nor a network"),
            (#"{"insecure-registries": [1]}"#, "a list of texts is expected"),
            ("{\n\"mirrors\": [", "r.json:2: the document ends too early"),
            ("[]", "an object in braces is expected"),
            (#"{"proxies": {"ftp-proxy": "x"}}"#, "proxies.ftp-proxy: unknown"),
            (#"{"a": "\x"}"#, "unknown escape"),
            (#"{"certificate-folders": ["certs.d"]}"#, "is not absolute"),
        ]
    )
    func wrong(text: String, reason: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try settings(ours: text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("that the environment names must exist")
    func missing() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try RegistrySettings.ofMachine(environment: ["BERTH_REGISTRIES": "/nowhere/r.json"])
        }
        #expect(error?.description.contains("no such file") == true)
    }

    @Test("are told of at the first request, and nothing is asked")
    func late() async throws {
        let server = try await TestServer { _ in .status(200) }
        let client = makeClient { $0.settings.problem = ConfigurationError("r.json", "wrong") }
        await #expect(throws: ConfigurationError.self) {
            _ = try await client.digest(of: .init("\(server.authority)/app:1"))
        }
        #expect(server.requests.isEmpty)
    }

    @Test(
        "say which registries may be insecure",
        arguments: [
            ("localhost:5000", true), ("127.0.0.2", true), ("[::1]:5000", true),
            ("reg.local:5000", true), ("reg.local", false), ("reg.local:5001", false),
            ("10.1.2.3:80", true), ("11.1.2.3", false), ("sub.reg.local:5000", false),
            ("[fd00::5]:5000", true), ("[fe00::5]", false), ("plain.local", true),
            ("plain.local:5000", false), ("10.1.2.3.example.com", false),
        ]
    )
    func insecure(name: String, isInsecure: Bool) throws {
        var settings = RegistrySettings()
        settings.insecure = try [
            "reg.local:5000", "10.0.0.0/8", "fd00::/8", "http://plain.local",
        ].map(InsecureRule.init)
        let authority = try #require(Authority(name))
        #expect(settings.isInsecure(authority) == isInsecure)
        let schemes = RegistryHost(name).schemes(settings)
        #expect(schemes.contains("http") == isInsecure)
        #expect(schemes.first == (authority.isLoopback ? "http" : "https"))
    }
}

@Suite("Proxies")
struct ProxyTests {
    @Test(
        "are left out as Go's programs leave them out",
        arguments: [
            ("", "example.com", 443, false), ("*", "example.com", 443, true),
            ("example.com", "example.com", 443, true), ("example.com", "a.example.com", 80, true),
            ("example.com", "notexample.com", 80, false),
            (".example.com", "example.com", 443, false),
            (".example.com", "a.example.com", 443, true),
            ("*.example.com", "a.example.com", 443, true),
            ("example.com:8443", "example.com", 443, false),
            ("example.com:8443", "example.com", 8443, true),
            ("a.b, 10.0.0.0/8 ,c.d", "10.20.30.40", 443, true),
            ("10.0.0.0/8", "11.0.0.1", 443, false), ("10.1.1.1", "10.1.1.1", 443, true),
            ("fd00::/8", "fd00::1", 443, true), ("EXAMPLE.com", "example.com", 443, true),
            ("", "localhost", 5000, true), ("", "127.0.0.1", 5000, true), ("", "::1", 80, true),
        ]
    )
    func exceptions(list: String, host: String, port: Int, isDirect: Bool) {
        var settings = ProxySettings()
        settings.exceptions = list
        #expect(settings.isDirect(host: host, port: port) == isDirect)
    }

    @Test("come from the environment, upper case first")
    func environment() {
        let found = ProxySettings(environment: [
            "HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:2",
            "http_proxy": "plain:3128", "HTTP_PROXY": "", "no_proxy": "a",
        ])
        #expect(found.https == "http://upper:1")
        #expect(found.http == "plain:3128")
        #expect(found.exceptions == "a")
    }

    @Test("are read with and without scheme and password")
    func parse() throws {
        let plain = try Proxy("proxy.local:3128")
        #expect(plain.kind == .http && plain.host == "proxy.local" && plain.port == 3128)
        let full = try Proxy("http://us%40er:p%3Ass@[fd00::1]:8080")
        #expect(full.host == "fd00::1" && full.port == 8080)
        #expect(full.credentials == Credentials(username: "us@er", password: "p:ss"))
        #expect(!"\(full)".contains("ss"))
        #expect(try Proxy("socks5://p").port == 1080)
        let secure = try Proxy("https://u:p@proxy.local")
        #expect(secure.kind == .https && secure.port == 443)
        #expect(try Proxy("https://proxy.local:3129").port == 3129)
    }

    @Test(
        "of other kinds are refused by name",
        arguments: ["quic://proxy", "ftp://proxy", "socks5://u:p@proxy", "http://"]
    )
    func refused(text: String) {
        #expect(throws: Proxy.Invalid.self) { try Proxy(text) }
    }
}

@Suite("Folders of certificates")
struct HostCertificatesTests {
    @Test("are looked for by host and port; a pair without its other half is an error")
    func find() throws {
        let folder = try Folder()
        let first = FilePath(folder.path).appending("one")
        let second = FilePath(folder.path).appending("two")
        let host = try #require(Authority("Reg.example.com:5000"))
        func found() throws -> HostCertificates {
            try HostCertificates.find(for: host, in: [first, second, "/nowhere"])
        }
        #expect(try found() == HostCertificates())
        try folder.write("", to: "one/reg.example.com:5000/ca.crt")
        try folder.write("", to: "two/reg.example.com:5000/more.crt")
        try folder.write("", to: "two/reg.example.com/other.crt")
        let names = try found().authorities.compactMap(\.lastComponent?.string)
        #expect(names == ["ca.crt", "more.crt"])
        try folder.write("", to: "two/reg.example.com:5000/client.cert")
        let noKey = #expect(throws: ConfigurationError.self) { try found() }
        #expect(
            noKey?.reason == "missing key client.key for client certificate client.cert. "
                + "CA certificates must use the extension .crt"
        )
        try folder.write("", to: "two/reg.example.com:5000/client.key")
        #expect(try found().clients.map(\.key.lastComponent?.string) == ["client.key"])
        try folder.write("", to: "two/reg.example.com:5000/a.cert")
        try folder.write("", to: "two/reg.example.com:5000/a.key")
        #expect(
            try found().clients.map(\.certificate.lastComponent?.string) == [
                "a.cert", "client.cert",
            ]
        )
        try folder.write("", to: "one/reg.example.com:5000/x.key")
        let noCertificate = #expect(throws: ConfigurationError.self) { try found() }
        #expect(noCertificate?.reason == "missing client certificate x.cert for key x.key")
    }
}
