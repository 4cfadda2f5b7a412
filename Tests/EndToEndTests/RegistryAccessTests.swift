import Foundation
import Testing
import TestSupport

/// `login`, `pull` and `search` against Debian's docker-registry: by http and by TLS, with
/// passwords, with certificates of clients, as a mirror.
@Suite(
    "root: registries",
    .tags(.root),
    .enabled(if: isRoot && SecuredRegistry.isInstalled),
    .timeLimit(.minutes(3))
)
struct RegistryAccessTests {
    /// Writes the settings, and copies files into the folder of certificates of a registry.
    private func configure(
        _ machine: TestMachine,
        _ settings: String = "",
        certificates: [String: String] = [:],
        for registry: SecuredRegistry? = nil
    ) throws -> [String: String] {
        let folder = machine.folder.appending(path: "certs.d/\(registry?.authority ?? "none")")
        // There may be none of an earlier step.
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, source) in certificates {
            try FileManager.default.copyItem(
                at: machine.folder.appending(path: source),
                to: folder.appending(path: name)
            )
        }
        let certificates = machine.folder.appending(path: "certs.d").path()
        let file = try machine.write(
            #"{"certificate-folders": ["\#(certificates)"]\#(settings)}"#,
            to: "registries.json"
        )
        return ["BERTH_REGISTRIES": file.path()]
    }

    private func logIn(
        _ machine: TestMachine,
        _ registry: SecuredRegistry,
        _ password: String,
        _ environment: [String: String]
    ) async throws -> TestMachine.Output {
        let berth = TestMachine.berth
        return try await machine.run(
            [
                "/bin/sh", "-c",
                "echo \(password) | \(berth) login -u user --password-stdin \(registry.authority)",
            ],
            environment: environment
        )
    }

    /// Pulls by a compose file, always again.
    private func pull(
        _ machine: TestMachine,
        _ image: String,
        _ environment: [String: String]
    ) async throws -> TestMachine.Output {
        try machine.write("services: {app: {image: \"\(image)\", command: /none}}\n")
        return try await machine.berth("pull", environment: environment)
    }

    @Test("with TLS and passwords let in who is known, over HTTP/2, and tell the others why not")
    func passwords() async throws {
        try await TestMachine.with { machine in
            try await SecuredRegistry.prepare(machine)
            let registry = try await SecuredRegistry(on: machine, port: 5000, tls: true, .password)
            let image = "\(registry.authority)/app:1"
            let file = machine.folder.appending(path: ".docker/config.json")

            let unknown = try await logIn(machine, registry, "secret", try configure(machine))
            #expect(unknown.status == 1)
            #expect(unknown.err.contains("x509: certificate signed by unknown authority"))
            #expect(unknown.err.contains("certs.d/\(registry.authority)/ca.crt"))
            let strangers = try configure(
                machine,
                certificates: ["ca.crt": "stranger.crt"],
                for: registry
            )
            let stranger = try await logIn(machine, registry, "secret", strangers)
            #expect(stranger.status == 1 && stranger.err.contains("x509"))

            let known = try configure(machine, certificates: ["ca.crt": "ca.crt"], for: registry)
            let wrong = try await logIn(machine, registry, "wrong", known)
            #expect(wrong.status == 1)
            #expect(wrong.err.contains("unauthorized: incorrect username or password"))
            #expect(!FileManager.default.fileExists(atPath: file.path()))
            let closed = try await pull(machine, image, known)
            #expect(closed.status == 1)
            #expect(
                closed.err.contains(
                    "pull access denied for \(registry.authority)/app, repository does not exist "
                        + "or may require 'docker login'"
                ),
                "\(closed.err)"
            )

            let right = try await logIn(machine, registry, "secret", known)
            #expect(right.status == 0 && right.out == "Login Succeeded\n", "\(right.err)")
            #expect(right.err.contains("stored unencrypted in '\(file.path())'"))
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(#""auth": "dXNlcjpzZWNyZXQ=""#))
            let mode = try FileManager.default.attributesOfItem(atPath: file.path())
            #expect(mode[.posixPermissions] as? Int == 0o600)
            let open = try await pull(machine, image, known)
            #expect(open.status == 0, "\(open.err)")
            #expect(try registry.journal().contains("HTTP/2.0"))

            let out = try await machine.berth("docker", "logout", registry.authority)
            #expect(out.out == "Removing login credentials for \(registry.authority)\n")
            let again = try await machine.berth("logout", registry.authority)
            #expect(again.status == 0)
            #expect(again.out == "Not logged in to \(registry.authority)\n")
            #expect(try await pull(machine, image, known).status == 1)
            try await registry.end()
        }
    }

    @Test("that want certificates of clients get them")
    func clients() async throws {
        try await TestMachine.with { machine in
            try await SecuredRegistry.prepare(machine)
            // For skopeo, which brings the image there.
            try FileManager.default.createDirectory(
                at: machine.folder.appending(path: "client-only"),
                withIntermediateDirectories: true
            )
            for end in ["cert", "key"] {
                try FileManager.default.copyItem(
                    at: machine.folder.appending(path: "client.\(end)"),
                    to: machine.folder.appending(path: "client-only/client.\(end)")
                )
            }
            let registry = try await SecuredRegistry(
                on: machine,
                port: 5001,
                tls: true,
                .clientCertificate
            )
            let image = "\(registry.authority)/app:1"
            var files = ["ca.crt": "ca.crt"]
            let refused = try await pull(
                machine,
                image,
                try configure(machine, certificates: files, for: registry)
            )
            #expect(refused.status == 1)
            #expect(refused.err.contains("certificate"), "\(refused.err)")
            files["client.cert"] = "client.cert"
            files["client.key"] = "client.key"
            let allowed = try await pull(
                machine,
                image,
                try configure(machine, certificates: files, for: registry)
            )
            #expect(allowed.status == 0, "\(allowed.err)")
            try await registry.end()
        }
    }

    @Test(
        "without TLS are spoken to when they are listed, as mirrors too; their catalog is searched"
    )
    func plain() async throws {
        try await TestMachine.with { machine in
            try await SecuredRegistry.prepare(machine)
            let registry = try await SecuredRegistry(on: machine, port: 5002, tls: false)
            let authority = registry.authority
            let strict = try await pull(machine, "\(authority)/app:1", try configure(machine))
            #expect(strict.status == 1)
            #expect(
                strict.err.contains("server gave HTTP response to HTTPS client"),
                "\(strict.err)"
            )
            #expect(strict.err.contains("insecure-registries"), "\(strict.err)")

            let listed = try configure(machine, #", "insecure-registries": ["10.77.0.0/16"]"#)
            let open = try await pull(machine, "\(authority)/app:1", listed)
            #expect(open.status == 0, "\(open.err)")

            // Docker Hub cannot be reached from here; its mirror can.
            let mirrored = try configure(
                machine,
                #", "registry-mirrors": ["http://10.77.0.1:9", "http://\#(authority)"]"#
            )
            let hub = try await pull(machine, "app:1", mirrored)
            #expect(hub.status == 0, "\(hub.err)")

            let nowhere = try await pull(machine, "nowhere.invalid/app:1", listed)
            #expect(nowhere.status == 1)
            #expect(nowhere.err.contains("no such host: nowhere.invalid"), "\(nowhere.err)")

            _ = try configure(machine, #", "insecure-registries": ["10.77.0.0/16"]"#)
            let found = try await machine.berth("search", "\(authority)/app", environment: listed)
            #expect(found.status == 0, "\(found.err)")
            #expect(found.err.contains("offers no search"))
            #expect(found.lines.first?.hasPrefix("NAME") == true)
            #expect(
                found.lines.dropFirst().map { $0.prefix { $0 != " " } } == [
                    "\(authority)/app", "\(authority)/library/app",
                ]
            )
            let names = try await machine.berth(
                "docker",
                "search",
                "--format",
                "{{.Name}}",
                "--limit",
                "1",
                "\(authority)/app",
                environment: listed
            )
            #expect(names.out == "\(authority)/app\n")
            try await registry.end()
        }
    }

    @Test("that are mirrors and send wrong content do no harm: the registry itself is asked")
    func wrongMirror() async throws {
        try await TestMachine.with { machine in
            try await SecuredRegistry.prepare(machine)
            let origin = try await SecuredRegistry(on: machine, port: 5003, tls: false)
            let mirror = try await SecuredRegistry(on: machine, port: 5004, tls: false)
            // The layer is the one blob of more than eight kibibytes.
            let spoil = """
                set -e; found=$(find registry-5004 -name data -size +8k); [ -n "$found" ]
                for file in $found; do head -c $(stat -c %s $file) /dev/zero > $file; done
                """
            #expect(try await machine.run(["/bin/sh", "-c", spoil]).status == 0)
            let settings = try configure(
                machine,
                """
                , "insecure-registries": ["10.77.0.0/16"],
                "mirrors": {"\(origin.authority)": ["http://\(mirror.authority)"]}
                """
            )
            let pulled = try await pull(machine, "\(origin.authority)/app:1", settings)
            #expect(pulled.status == 0, "\(pulled.err)")
            let (asked, answered) = (try mirror.journal(), try origin.journal())
            #expect(asked.contains("GET /v2/app/blobs/"))
            #expect(answered.contains("GET /v2/app/blobs/"))
            try await origin.end()
            try await mirror.end()
        }
    }
}
