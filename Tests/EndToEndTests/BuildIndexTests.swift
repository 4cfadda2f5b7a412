import Foundation
import TestSupport
import Testing

/// Builds that give an index: several platforms, and statements beside an image.
@Suite(
    "root: builds that give an index",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct BuildIndexTests {
    private typealias Members = [String: Any]

    private static let dockerfile = """
        FROM scratch
        ARG TARGETARCH
        ARG TOKEN
        COPY file /$TARGETARCH

        """
    /// This machine's.
    #if arch(arm64)
        private static let architecture = "arm64"
        private static let host = "linux/arm64/v8"
    #else
        private static let architecture = "amd64"
        private static let host = "linux/amd64"
    #endif
    /// That, and one whose programs run on no machine.
    private static let platforms = "\(host),linux/pdp11"

    private static let index = "application/vnd.oci.image.index.v1+json"
    private static let layer = "application/vnd.oci.image.layer.v1.tar+gzip"

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try machine.write("content\n", to: "ctx/file")
            try machine.write(Self.dockerfile, to: "ctx/Dockerfile")
            try await body(machine)
        }
    }

    private func build(_ machine: TestMachine, _ flags: String...) async throws {
        let words = ["docker", "build", "--progress=plain"] + flags + ["ctx"]
        let built = try await machine.run([TestMachine.berth] + words)
        try #require(built.status == 0, "\(built.err)")
    }

    private func lines(_ machine: TestMachine, _ words: String...) async throws -> [String] {
        let output = try await machine.run([TestMachine.berth] + words)
        try #require(output.status == 0, "\(words): \(output.err)")
        return output.lines
    }

    /// The documents of an OCI layout in an archive.
    private struct Layout {
        let folder: URL

        init(_ archive: String, on machine: TestMachine) async throws {
            folder = machine.folder.appending(path: "of-\(archive)")
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true
            )
            let unpacked = try await machine.run([
                "tar", "-C", folder.path(), "-xf", machine.folder.appending(path: archive).path(),
            ])
            try #require(unpacked.status == 0, "\(unpacked.err)")
        }

        func document(_ path: String) throws -> Members {
            let bytes = try Data(contentsOf: folder.appending(path: path))
            return try #require(try JSONSerialization.jsonObject(with: bytes) as? Members)
        }

        func document(of descriptor: Members) throws -> Members {
            let digest = try #require(descriptor["digest"] as? String)
            return try document("blobs/sha256/" + digest.dropFirst("sha256:".count))
        }

        /// The entries of a list of an object.
        func entries(_ object: Members, _ name: String = "manifests") throws -> [Members] {
            try #require(object[name] as? [Members])
        }

        /// What the first entry of `index.json` points to, with that entry.
        func top() throws -> (entry: Members, index: Members) {
            let entry = try #require(try entries(document("index.json")).first)
            return (entry, try document(of: entry))
        }

        func architectures(_ index: Members) throws -> [String] {
            try entries(index).map { entry in
                let platform = try #require(entry["platform"] as? Members)
                return try #require(platform["architecture"] as? String)
            }
        }
    }

    @Test("an index stays together: listed, pruned, saved and removed under its one name")
    func keeping() async throws {
        try await with { machine in
            try await build(machine, "--platform", Self.platforms, "-t", "multi:1")
            let format = "{{.Os}}/{{.Architecture}}"
            let own = try await lines(machine, "image", "inspect", "-f", format, "multi:1")
            #expect(own == ["linux/\(Self.architecture)"])
            let other = try await lines(
                machine,
                "image",
                "inspect",
                "--platform=linux/pdp11",
                "-f",
                format,
                "multi:1"
            )
            #expect(other == ["linux/pdp11"])
            _ = try await lines(machine, "image", "prune", "-f")
            #expect(try await lines(machine, "image", "ls", "-q").count == 1)
            #expect(try await lines(machine, "image", "ls", "-aq").count == 2)
            let archive = machine.folder.appending(path: "a.tar").path()
            _ = try await lines(machine, "image", "save", "-o", archive, "multi:1")
            let layout = try await Layout("a.tar", on: machine)
            let (entry, index) = try layout.top()
            #expect(entry["mediaType"] as? String == Self.index)
            #expect(
                try layout.architectures(index) == [Self.architecture, "pdp11"]
            )
            for manifest in try layout.entries(index) {
                let layers = try layout.entries(layout.document(of: manifest), "layers")
                #expect(layers.map { $0["mediaType"] as? String } == [Self.layer])
            }
            _ = try await lines(machine, "image", "rm", "multi:1")
            #expect(try await lines(machine, "image", "ls", "-aq").isEmpty)
            _ = try await lines(machine, "image", "load", "-i", archive)
            #expect(
                try await lines(machine, "image", "inspect", "-f", format, "multi:1") == own
            )
        }
    }

    @Test("a newer index under the name leaves the older one for prune, whole")
    func replaced() async throws {
        try await with { machine in
            try await build(machine, "--platform", Self.platforms, "-t", "multi:1")
            try machine.write("other\n", to: "ctx/file")
            try await build(machine, "--platform", Self.platforms, "-t", "multi:1")
            #expect(try await lines(machine, "image", "ls", "-aq").count == 4)
            _ = try await lines(machine, "image", "prune", "-f")
            #expect(try await lines(machine, "image", "ls", "-aq").count == 2)
            let archive = machine.folder.appending(path: "a.tar").path()
            _ = try await lines(machine, "image", "save", "-o", archive, "multi:1")
            let layout = try await Layout("a.tar", on: machine)
            #expect(try layout.architectures(layout.top().index).count == 2)
        }
    }

    @Test(
        "an index is pushed with all that it lists, and its digest stays",
        .enabled(if: DebianRegistry.isInstalled, "needs docker-registry")
    )
    func pushed() async throws {
        try await with { machine in
            let registry = try await LocalRegistry(on: machine)
            let name = "localhost:5000/multi:1"
            let file = machine.folder.appending(path: "meta.json")
            try await build(
                machine,
                "--platform",
                Self.platforms,
                "--provenance=true",
                "--push",
                "--metadata-file",
                file.path(),
                "-t",
                name
            )
            let metadata = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? Members
            )
            let digest = try #require(metadata["containerimage.digest"] as? String)
            #expect(metadata["containerimage.config.digest"] == nil)
            _ = try await lines(machine, "image", "rm", name)
            #expect(try await lines(machine, "image", "ls", "-aq").isEmpty)
            let pulled = try await lines(machine, "docker", "pull", "--platform=linux/pdp11", name)
            #expect(pulled.contains("Digest: \(digest)"), "\(pulled)")
            // Nothing was changed on the way: each image and each statement has its manifest there.
            let asked = try await registry.end()
            let puts = asked.filter { $0.hasPrefix("PUT /v2/multi/manifests/") }
            #expect(puts.count == 5 && puts.last == "PUT /v2/multi/manifests/1", "\(puts)")
        }
    }

    @Test(
        "a statement of where an image comes from stands beside it, without arguments unless all is asked for",
        arguments: ["min", "max"]
    )
    func provenance(mode: String) async throws {
        try await with { machine in
            let archive = machine.folder.appending(path: "a.tar").path()
            try await build(
                machine,
                "--attest",
                "type=provenance,mode=\(mode),builder-id=https://a.example/1",
                "--build-arg",
                "TOKEN=hush",
                "-t",
                "one:1",
                "-o",
                "type=oci,dest=\(archive)"
            )
            let layout = try await Layout("a.tar", on: machine)
            let entries = try layout.entries(try layout.top().index)
            try #require(entries.count == 2)
            let image = try #require(entries[0]["digest"] as? String)
            #expect(
                entries[1]["annotations"] as? [String: String] == [
                    "vnd.docker.reference.type": "attestation-manifest",
                    "vnd.docker.reference.digest": image,
                ]
            )
            #expect(
                entries[1]["platform"] as? [String: String] == [
                    "os": "unknown", "architecture": "unknown",
                ]
            )
            let manifest = try layout.document(of: entries[1])
            let layers = try layout.entries(manifest, "layers")
            try #require(layers.count == 1)
            #expect(layers[0]["mediaType"] as? String == "application/vnd.in-toto+json")
            let statement = try layout.document(of: layers[0])
            #expect(statement["predicateType"] as? String == "https://slsa.dev/provenance/v0.2")
            let subject = try #require(try layout.entries(statement, "subject").first)
            #expect(
                subject["digest"] as? [String: String]
                    == ["sha256": String(image.dropFirst("sha256:".count))]
            )
            let name = "pkg:docker/one@1?platform=" + Self.host.replacing("/", with: "%2F")
            #expect(subject["name"] as? String == name)
            let predicate = try #require(statement["predicate"] as? Members)
            #expect(predicate["builder"] as? [String: String] == ["id": "https://a.example/1"])
            let text = String(
                decoding: try JSONSerialization.data(withJSONObject: statement),
                as: UTF8.self
            )
            #expect(text.contains("hush") == (mode == "max"))
            #expect(text.contains("\"parameters\":\(mode == "max")"))
            let source = Data(Self.dockerfile.utf8).base64EncodedString().prefix(20)
            #expect(text.contains(source) == (mode == "max"))
        }
    }

    @Test("annotations stand where they are asked for")
    func annotations() async throws {
        try await with { machine in
            let archive = machine.folder.appending(path: "a.tar").path()
            try await build(
                machine,
                "--platform",
                Self.platforms,
                "--annotation=index:i=1",
                "--annotation=index-descriptor,manifest-descriptor[linux/pdp11]:d=2",
                "--annotation=manifest[\(Self.host)]:m=3",
                "-o",
                "type=oci,dest=\(archive),annotation-index.o=4"
            )
            let layout = try await Layout("a.tar", on: machine)
            let (entry, index) = try layout.top()
            #expect(entry["annotations"] as? [String: String] == ["d": "2"])
            #expect(index["annotations"] as? [String: String] == ["i": "1", "o": "4"])
            let entries = try layout.entries(index)
            try #require(entries.count == 2)
            #expect(entries[0]["annotations"] == nil)
            #expect(entries[1]["annotations"] as? [String: String] == ["d": "2"])
            let manifests = try entries.map { try layout.document(of: $0) }
            #expect(manifests[0]["annotations"] as? [String: String] == ["m": "3"])
            #expect(manifests[1]["annotations"] == nil)
        }
    }

    @Test("the files of each platform come into a folder of their own")
    func folders() async throws {
        try await with { machine in
            let folder = machine.folder.appending(path: "out")
            try await build(
                machine,
                "--platform",
                Self.platforms,
                "--provenance=true",
                "-o",
                folder.path()
            )
            let own = Self.host.replacing("/", with: "_")
            let found = try await machine.run([
                "find", folder.path(), "-type", "f", "-printf", "%P\n",
            ])
            #expect(
                found.lines.sorted()
                    == [
                        "\(own)/\(Self.architecture)", "\(own)/provenance.json",
                        "linux_pdp11/pdp11", "linux_pdp11/provenance.json",
                    ].sorted()
            )
        }
    }

    @Test(
        "what an index cannot go to is refused before anything is built",
        arguments: [
            ("type=tar,dest=a.tar", "--output type=tar: the files of several platforms"),
            ("type=docker,dest=a.tar", "docker exporter does not currently support exporting"),
            ("type=local,dest=a,platform-split=false", "--output platform-split=false: the files"),
            ("type=oci,dest=a.tar,compression=uncompressed", "--output compression=uncompressed"),
        ]
    )
    func refused(output: String, reason: String) async throws {
        try await with { machine in
            let flags = ["--platform", Self.platforms, "-o", output, "ctx"]
            let built = try await machine.run([TestMachine.berth, "docker", "build"] + flags)
            #expect(built.status == 1 && built.err.contains(reason), "\(built.err)")
        }
    }

    @Test("a service's platforms are all built by build, and by up the one that it runs on")
    func services() async throws {
        try await with { machine in
            try machine.write(
                "services:\n  a: {image: a, build: {context: ctx, provenance: true, "
                    + "platforms: [linux/pdp11, \(Self.host)]}}\n"
            )
            _ = try await lines(machine, "build")
            #expect(try await lines(machine, "image", "ls", "-aq").count == 2)
            let format = "{{.Architecture}}"
            #expect(
                try await lines(machine, "image", "inspect", "-f", format, "a")
                    == [Self.architecture]
            )
            let archive = machine.folder.appending(path: "a.tar").path()
            _ = try await lines(machine, "image", "save", "-o", archive, "a")
            let layout = try await Layout("a.tar", on: machine)
            #expect(
                try layout.architectures(layout.top().index)
                    == ["pdp11", Self.architecture, "unknown", "unknown"]
            )
        }
    }
}
