import SystemPackage
import Foundation
import Testing

@testable import Registry

@Suite("Docker's config.json")
struct CredentialStoreTests {
    private let folder: Folder
    private let store: CredentialStore

    init() throws {
        folder = try Folder()
        store = CredentialStore(environment: ["DOCKER_CONFIG": folder.path])
    }

    private let secret = Credentials(username: "user", password: "pa:ss")

    @Test("is where DOCKER_CONFIG says, else below HOME")
    func place() {
        let other = CredentialStore(environment: ["HOME": "/home/x", "SUDO_USER": "y"])
        #expect(other.file.string == "/home/x/.docker/config.json")
        let empty = CredentialStore(environment: ["HOME": "/h", "DOCKER_CONFIG": ""])
        #expect(empty.file.string == "/h/.docker/config.json")
    }

    @Test(
        "is read in every spelling of a registry",
        arguments: [
            ("https://index.docker.io/v1/", "docker.io"), ("docker.io", "docker.io"),
            ("index.docker.io", "docker.io"), ("registry-1.docker.io", "docker.io"),
            ("reg.example.com", "reg.example.com"), ("https://reg.example.com", "reg.example.com"),
            ("http://reg.example.com/v1/", "reg.example.com"),
            ("https://reg.example.com/v2/", "reg.example.com"),
            ("REG.example.com:5000", "reg.example.com:5000"),
            ("reg.example.com:5000", "Reg.example.com:5000"),
        ]
    )
    func keys(key: String, host: String) async throws {
        let text = #"{"auths": {"\#(key)": {"auth": "dXNlcjpwYTpzcw=="}}}"#
        try folder.write(text, to: "config.json")
        #expect(try await store.credentials(for: RegistryHost(host)) == secret)
        #expect(try await store.credentials(for: RegistryHost("other.example.com")) == nil)
        #expect(try await store.credentials(for: RegistryHost("\(host).evil.com")) == nil)
    }

    @Test(
        "knows passwords and tokens",
        arguments: [
            (#"{"auth": "dTpwAAA="}"#, Credentials(username: "u", password: "p")),
            (#"{"username": "u", "password": "p"}"#, Credentials(username: "u", password: "p")),
            (#"{"auth": "dTpw", "identitytoken": "i"}"#, .identityToken("i")),
            (#"{"registrytoken": "r"}"#, .registryToken("r")), ("{}", nil),
            (#"{"auth": "!!!"}"#, nil), (#"{"auth": "dXNlcg=="}"#, nil),
        ] as [(String, Credentials?)]
    )
    func forms(entry: String, credentials: Credentials?) async throws {
        try folder.write(#"{"auths": {"h.example": \#(entry)}}"#, to: "config.json")
        #expect(try await store.credentials(for: RegistryHost("h.example")) == credentials)
    }

    @Test("keeps what is not understood, and the order of it, when it is changed")
    func preserves() async throws {
        try folder.write(
            """
            {"zoo": [1.50, {"x": null}], "auths": {"https://h.example/v1/": {"auth": "dTpw"},
             "other": {"auth": "eDp5", "email": "a\\u00e9@b"}}, "detachKeys": "ctrl-e",
             "HttpHeaders": {"X-Meta-A": "1", "Other": "2"}}
            """,
            to: "config.json",
            mode: 0o644
        )
        #expect(try await store.store(secret, for: RegistryHost("h.example")) == .file(store.file))
        let expected = """
            {
            \t"zoo": [
            \t\t1.50,
            \t\t{
            \t\t\t"x": null
            \t\t}
            \t],
            \t"auths": {
            \t\t"other": {
            \t\t\t"auth": "eDp5",
            \t\t\t"email": "aé@b"
            \t\t},
            \t\t"h.example": {
            \t\t\t"auth": "dXNlcjpwYTpzcw=="
            \t\t}
            \t},
            \t"detachKeys": "ctrl-e",
            \t"HttpHeaders": {
            \t\t"X-Meta-A": "1",
            \t\t"Other": "2"
            \t}
            }
            """
        #expect(try folder.read("config.json") == expected)
        #expect(try folder.mode("config.json") == 0o600)
        #expect(try store.registryHeaders() == ["X-Meta-A": "1"])
        #expect(try await store.erase(RegistryHost("other")))
        #expect(try await !store.erase(RegistryHost("other")))
        #expect(try await store.credentials(for: RegistryHost("h.example")) == secret)
    }

    @Test("is made with its folder, and written through a symbolic link")
    func links() async throws {
        let deep = CredentialStore(environment: ["DOCKER_CONFIG": folder.path + "/a/b"])
        _ = try await deep.store(secret, for: RegistryHost(server: nil))
        #expect(try folder.mode("a/b") == 0o700)
        #expect(try folder.read("a/b/config.json").contains("https://index.docker.io/v1/"))
        try folder.write("{}", to: "real.json")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/config.json",
            withDestinationPath: "real.json"
        )
        _ = try await store.store(secret, for: RegistryHost("h.example"))
        #expect(try folder.read("real.json").contains("h.example"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["a", "config.json", "real.json"])
    }

    @Test("loses no entry when many write at once")
    func together() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask { [store, secret] in
                    _ = try await store.store(secret, for: RegistryHost("h\(number).example"))
                }
            }
            try await group.waitForAll()
        }
        for number in 0..<20 {
            #expect(try await store.credentials(for: RegistryHost("h\(number).example")) != nil)
        }
    }

    @Test("that is broken is named with its line and left alone")
    func broken() async throws {
        try folder.write("{\n\"auths\": {,}}", to: "config.json")
        await #expect(throws: ConfigurationError.self) {
            _ = try await store.store(secret, for: RegistryHost("h.example"))
        }
        #expect(try folder.read("config.json") == "{\n\"auths\": {,}}")
    }

    @Test("comes after DOCKER_AUTH_CONFIG")
    func override() async throws {
        try folder.write(#"{"auths": {"h.example": {"auth": "dTpw"}}}"#, to: "config.json")
        let store = CredentialStore(environment: [
            "DOCKER_CONFIG": folder.path,
            "DOCKER_AUTH_CONFIG": #"{"auths": {"h.example": {"auth": "dXNlcjpwYTpzcw=="}}}"#,
        ])
        #expect(store.isOverridden)
        #expect(try await store.credentials(for: RegistryHost("h.example")) == secret)
    }
}
