import Testing

@testable import Registry

@Suite("Credential helpers", .timeLimit(.minutes(1)))
struct CredentialHelperTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// A helper that keeps one file per server beside itself, as real ones keep entries.
    private static let keeper = """
        #!/bin/sh
        here=${0%/*}
        key() { echo "$1" | tr -c 'a-zA-Z0-9\\n' _; }
        echo "$1" >> "$here/calls"
        case $1 in
        get) file=$here/$(key "$(cat)")
            [ -f "$file" ] || { echo "credentials not found in native keychain"; exit 1; }
            cat "$file" ;;
        store) text=$(cat)
            server=$(printf '%s\\n' "$text" | sed -n 's/.*"ServerURL": "\\(.*\\)".*/\\1/p')
            printf '%s\\n' "$text" > "$here/$(key "$server")" ;;
        erase) rm -f "$here/$(key "$(cat)")" ;;
        list) echo '{"https://index.docker.io/v1/": "me"}' ;;
        esac
        """

    private func helper(_ script: String) throws -> CredentialHelper {
        try folder.write(script, to: "docker-credential-mine", mode: 0o755)
        var helper = CredentialHelper(
            name: "mine",
            environment: ["PATH": "relative::\(folder.path):/usr/bin:/bin"]
        )
        helper.timeLimit = .seconds(20)
        return helper
    }

    @Test("keep, give and forget")
    func protocolOfHelpers() async throws {
        let helper = try helper(Self.keeper)
        let key = "https://index.docker.io/v1/"
        #expect(try await helper.get(key) == nil)
        let secret = Credentials(username: "user", password: "q\"uo\\te")
        try await helper.store(secret, for: key)
        #expect(try await helper.get(key) == secret)
        try await helper.store(.identityToken("t0ken"), for: key)
        #expect(try await helper.get(key) == .identityToken("t0ken"))
        try await helper.erase(key)
        #expect(try await helper.get(key) == nil)
        #expect(try await helper.list() == [key: "me"])
    }

    @Test("are used when the file names them, and it holds an empty entry then")
    func inFile() async throws {
        _ = try helper(Self.keeper)
        try folder.write(
            #"{"credsStore": "mine", "credHelpers": {"own.example": "absent"}}"#,
            to: "config.json"
        )
        let store = CredentialStore(environment: [
            "DOCKER_CONFIG": folder.path, "PATH": "\(folder.path):/usr/bin:/bin",
        ])
        let secret = Credentials(username: "u", password: "p")
        let host = RegistryHost("h.example:5000")
        #expect(try await store.store(secret, for: host) == .helper("docker-credential-mine"))
        #expect(try await store.credentials(for: host) == secret)
        let text = try folder.read("config.json")
        #expect(text.contains(#""h.example:5000": {}"#))
        #expect(!text.contains("dTpw"))
        #expect(try await store.erase(host))
        #expect(try await store.credentials(for: host) == nil)
        #expect(try await !store.erase(host))
        let absent = await #expect(throws: ConfigurationError.self) {
            _ = try await store.credentials(for: RegistryHost("own.example"))
        }
        #expect(absent?.description.contains("PATH has no such program") == true)
    }

    @Test(
        "that fail are errors with their own words",
        arguments: [
            ("echo 'no \u{1b}[31mkeyring'; exit 1", "get: no [31mkeyring"),
            ("exit 3", "get: it failed"), ("echo '<html>'", "not what helpers answer"),
            ("kill -9 $$", "get: it failed"), ("yes", "read"),
        ]
    )
    func failures(script: String, words: String) async throws {
        let helper = try helper("#!/bin/sh\n\(script)\n")
        do {
            _ = try await helper.get("h")
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test("that hang are ended")
    func hangs() async throws {
        var helper = try helper("#!/bin/sh\nexec sleep 1000\n")
        helper.timeLimit = .milliseconds(200)
        let hanging = helper
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await hanging.get("h")
        }
        #expect(error?.reason.contains("no answer within") == true)
    }

    @Test("are looked for by name only", arguments: ["../mine", "", "a/b", "/bin/sh"])
    func names(name: String) async throws {
        _ = try helper(Self.keeper)
        let helper = CredentialHelper(name: name, environment: ["PATH": folder.path])
        await #expect(throws: ConfigurationError.self) { _ = try await helper.get("h") }
    }
}
