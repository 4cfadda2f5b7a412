import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import TestSupport
import Testing

@testable import Reconciler

/// Configs and secrets, from a file of the project to what is mounted.
@Suite("GivenFiles")
struct GivenFilesTests {
    private static let declared = """
        configs:
          text: {content: hello}
          disk: {file: ./disk.conf}
          var: {environment: WORD}
          gone: {environment: NOBODY_SET_IT}
          folder: {file: ./folder}
        secrets:
          disk: {file: ./secret.txt}
          var: {environment: WORD}
        """

    /// What a service with these lines is given.
    private func given(_ lines: String, disk: String = "1") throws -> GivenFiles {
        let files = MemoryFiles([
            "compose.yaml": "services: {web: {image: app, \(lines)}}\n" + Self.declared,
            "disk.conf": disk, "secret.txt": disk,
        ])
        let options = LoadOptions.test(.run, environment: ["WORD": "hush"])
        let project = try ComposeLoader(files: files).load(options).project
        return try GivenFiles(of: try #require(project.services["web"]), in: project, files: files)
    }

    @Test(
        "a target is absolute, beneath the root, or beneath the folder of secrets",
        arguments: [
            ("configs: [text]", "/text"),
            ("configs: [{source: text, target: etc/a.conf}]", "/etc/a.conf"),
            ("configs: [{source: text, target: /etc//b/../a.conf}]", "/etc/a.conf"),
            ("secrets: [var]", "/run/secrets/var"),
            ("secrets: [{source: var, target: other}]", "/run/secrets/other"),
            ("secrets: [{source: var, target: /etc/key}]", "/etc/key"),
        ]
    )
    func targets(lines: String, target: String) throws {
        let mount = try #require(try given(lines).mounts.first)
        #expect(mount.target == target)
        #expect(mount.readOnly)
    }

    @Test("a file of the host is mounted, and what is in a variable or in the file is written")
    func origins() throws {
        let all = try given("configs: [disk, text], secrets: [var, disk]")
        let files = all.mounts.map { mount -> GivenFile.Origin? in
            guard case .given(let file) = mount.source else { return nil }
            return file.origin
        }
        let own = GivenFile.Origin.written(user: 0, group: 0, mode: 0o444)
        #expect(
            files == [
                .host(path: "/project/disk.conf"), own, own, .host(path: "/project/secret.txt"),
            ]
        )
        #expect(
            all.contents == [
                "/text": FileContent(Array("hello".utf8)),
                "/run/secrets/var": FileContent(Array("hush".utf8)),
            ]
        )
    }

    @Test("owner and mode are as asked for")
    func owner() throws {
        let mounts = try given("configs: [{source: text, uid: '7', gid: '8', mode: 0440}]").mounts
        guard case .given(let file)? = mounts.first?.source else {
            Issue.record("nothing is given")
            return
        }
        #expect(file.origin == .written(user: 7, group: 8, mode: 0o440))
    }

    @Test("a variable that is not set is named, with its place in the file")
    func unset() {
        let error = #expect(throws: ReconcilerError.self) { _ = try given("configs: [gone]") }
        #expect(error?.problems.first?.path == "configs.gone.environment")
        #expect(
            error?.problems.first?.reason
                == "environment variable \"NOBODY_SET_IT\" required by config \"gone\" is not set"
        )
    }

    @Test("another content of a file is another spec, and that of a folder is not looked at")
    func digests() throws {
        let before = try given("configs: [disk]")
        #expect(try given("configs: [disk]").mounts == before.mounts)
        #expect(try given("configs: [disk]", disk: "2").mounts != before.mounts)
        guard case .given(let folder)? = try given("configs: [folder]").mounts.first?.source else {
            Issue.record("nothing is given")
            return
        }
        #expect(folder.digest == nil)
    }

    @Test("what differs is named, and no content is shown")
    func differences() throws {
        func words(_ before: GivenFiles, _ after: GivenFiles) -> [String] {
            var specs = [before, after].map { given in
                var spec = ContainerSpec(
                    image: Fixture.digest,
                    imageName: "app",
                    process: ProcessSpec(arguments: ["serve"])
                )
                spec.mounts = given.mounts
                return spec
            }
            return SpecDifference(from: specs.removeFirst(), to: specs[0]).changes
        }
        let one = try given("configs: [disk], secrets: [disk]")
        let two = try given("configs: [disk], secrets: [disk]", disk: "2")
        #expect(
            words(one, two) == [
                "content of config disk changed", "content of secret disk changed",
            ]
        )
        #expect(try words(one, given("configs: [disk]")) == ["secrets.disk removed"])
        #expect(
            try words(given("configs: [text]"), given("configs: [{source: text, uid: '1'}]"))
                == ["configs.text changed"]
        )
        #expect(
            try words(
                given("configs: [text]"),
                given("configs: [{source: text, target: /etc/t}]")
            ) == ["configs.text removed", "configs.text at /etc/t added"]
        )
        let secret = FileContent(Array("hush".utf8))
        #expect(!"\(secret) \(String(reflecting: secret))".contains("104"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("104"))
    }
}
