import Foundation
import OCI
import Testing

@testable import berth

@Suite("compose files as artifacts")
struct ComposeArtifactTests {
    private static let artifact = ComposeArtifact(files: [
        .init(kind: .compose, name: "compose.yaml", bytes: Array("services: {}\n".utf8)),
        .init(kind: .compose, name: "over.yaml", bytes: Array("volumes: {}\n".utf8)),
        .init(kind: .extended, name: "ab.yaml", bytes: Array("services: {a: {}}\n".utf8)),
        .init(kind: .environment, name: "cd.env", bytes: Array("A=1\n".utf8)),
    ])

    @Test("in docker compose's form, by version", arguments: ["1.0", "1.1"])
    func manifest(version: String) throws {
        let form = try #require(ComposeArtifact.Form(rawValue: version))
        let manifest = Self.artifact.manifest(form, created: "2026-01-02T03:04:05Z")
        let isNew = form == .newer
        #expect(manifest.artifactType == (isNew ? "application/vnd.docker.compose.project" : nil))
        #expect(
            manifest.config.mediaType
                == (isNew
                    ? "application/vnd.oci.empty.v1+json"
                    : "application/vnd.docker.compose.config.empty.v1+json")
        )
        #expect(manifest.config.digest.hex.hasPrefix("44136fa355b3678a"))
        #expect(
            manifest.layers.map(\.mediaType).suffix(2) == [
                "application/vnd.docker.compose.file+yaml",
                "application/vnd.docker.compose.envfile",
            ]
        )
        #expect(manifest.layers[0].annotations["com.docker.compose.file"] == "compose.yaml")
        #expect(manifest.layers[2].annotations["com.docker.compose.extends"] == "true")
        #expect(manifest.layers[3].annotations["com.docker.compose.envfile"] == "cd.env")
        let read = try ManifestDocument(bytes: try OCIJSON.encode(manifest))
        guard case .manifest(let again) = read.content else {
            Issue.record("no manifest")
            return
        }
        let files = try again.layers.compactMap { layer in
            try ComposeArtifact.file(of: layer, try #require(layer.data))
        }
        #expect(files == Self.artifact.files)
    }

    @Test("the files of a project are one file with a document for each, the others lie beside it")
    func folder() {
        let files = Self.artifact.inFolder
        #expect(files.map(\.name) == ["compose.yaml", "ab.yaml", "cd.env"])
        let main = String(decoding: files[0].bytes, as: UTF8.self)
        #expect(main == "services: {}\n\n---\nvolumes: {}\n")
    }

    @Test(
        "a file that would lie elsewhere is refused",
        arguments: [
            "../x.env", "/etc/x", "..", "", "compose.yaml", String(repeating: "a", count: 300),
        ]
    )
    func hostile(name: String) {
        var layer = Descriptor(mediaType: "application/vnd.docker.compose.envfile", of: [])
        layer.annotations = ["com.docker.compose.envfile": name]
        #expect(throws: Failure.self) { try ComposeArtifact.file(of: layer, []) }
    }

    @Test(
        "what looks like a secret",
        arguments: [
            ("AWS", "AKIAIOSFODNN7EXAMPLE", true), ("A", "red", false),
            ("PASSWORD", "hunter2", false),
            ("GH", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", true),
            ("API_KEY", "0123456789abcdef0123456789abcdef", true),
            ("COMMIT", "0123456789abcdef0123456789abcdef", false),
            ("URL", "postgres://user:secret@db/x", true), ("URL", "postgres://user@db/x", false),
            ("URL", "postgres://user:${PASSWORD}@db/x", false),
            ("KEY", "-----BEGIN RSA PRIVATE KEY-----\nMII\n", true),
            ("TOKEN", "eyJhbGci.eyJzdWIi.SflKxw", true),
        ]
    )
    func secret(name: String, text: String, isFound: Bool) {
        #expect((SecretFinding(text, at: "services.web.environment.\(name)") != nil) == isFound)
    }
}
