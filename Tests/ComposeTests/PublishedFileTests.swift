import TestSupport
import Testing

@testable import Compose

@Suite("a compose file as it is published")
struct PublishedFileTests {
    private func published(_ text: String) throws(ComposeError) -> PublishedFile {
        try PublishedFile(
            "/srv/shop/compose.yaml",
            in: "/srv/shop",
            environment: ["STAGE": "live"],
            files: MemoryFiles(["/srv/shop/compose.yaml": text])
        ) { kind, path in
            (kind == .environment ? "E:" : "X:") + path.split(separator: "/").joined(separator: "_")
        }
    }

    @Test("as it was written, but for the names of files that go with it")
    func names() throws {
        let text = """
            # A comment, and äöü before: "web.env"
            services:
              web: {image: a, env_file: web.env}
              b:
                env_file:
                  - "b.env"   # stays
                  - path: '../c.env'
                    required: false
                  - ${STAGE}.env
                extends: {file: base/x.yaml, service: y}
              far: {extends: {file: 'oci://shop/base:1', service: y}}
            ---
            services: {web: {labels: {env_file: web.env}}}
            """
        let file = try published(text)
        let expected = """
            # A comment, and äöü before: "web.env"
            services:
              web: {image: a, env_file: E:srv_shop_web.env}
              b:
                env_file:
                  - "E:srv_shop_b.env"   # stays
                  - path: 'E:srv_c.env'
                    required: false
                  - E:srv_shop_live.env
                extends: {file: X:srv_shop_base_x.yaml, service: y}
              far: {extends: {file: 'oci://shop/base:1', service: y}}
            ---
            services: {web: {labels: {env_file: web.env}}}
            """
        #expect(String(decoding: file.bytes, as: UTF8.self) == expected)
        #expect(file.named[.extended] == ["/srv/shop/base/x.yaml"])
        #expect(
            file.named[.environment] == [
                "/srv/shop/web.env", "/srv/shop/b.env", "/srv/c.env", "/srv/shop/live.env",
            ]
        )
        #expect(file.servicesWithFiles == ["web", "b"])
        #expect(file.texts.contains { $0.path == "services.web.image" && $0.text == "a" })
    }

    @Test(
        "what cannot be published is told at its place",
        arguments: [
            ("include: [a.yaml]", "1:11", "local includes"),
            ("include: [{path: [oci://a/b, ./c.yaml]}]", "1:11", "local includes"),
            ("services: {a: {env_file: &x web.env}}", "1:26", "cannot be replaced"),
            ("services: {a: {env_file: \"web\\x2eenv\"}}", "1:26", "cannot be replaced"),
        ]
    )
    func refused(text: String, place: String, reason: String) throws {
        let error = try #require(throws: ComposeError.self) { try published(text) }
        let told = error.problems.map(\.description).joined(separator: "\n")
        #expect(told.contains(reason), "\(told)")
        #expect(told.contains("compose.yaml:\(place):"), "\(told)")
    }

    @Test("an artifact that is not here is asked for, by every way to name it")
    func missing() throws {
        let files = MemoryFiles([
            "/srv/shop/compose.yaml":
                "include: ['oci://a/b:1']\nservices: {x: {extends: {file: 'oci://c/d', service: e}}}"
        ])
        var options = LoadOptions(purpose: .config, workingDirectory: "/srv/shop", environment: [:])
        let error = try #require(throws: ComposeError.self) {
            try ComposeLoader(files: files).load(options)
        }
        #expect(Set(error.missingArtifacts) == ["oci://a/b:1", "oci://c/d"])
        options.files = ["oci://f/g"]
        let other = try #require(throws: ComposeError.self) {
            try ComposeLoader(files: files).load(options)
        }
        #expect(other.missingArtifacts == ["oci://f/g"])
    }
}
