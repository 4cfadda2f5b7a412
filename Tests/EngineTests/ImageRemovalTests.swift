import ContainerRuntime
import ImageStore
import OCI
import Testing
import TestSupport

@testable import Engine

/// Docker's rules for `rmi`.
@Suite(
    "removing images",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ImageRemovalTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }
    var id: Digest { machine.image.id }

    init() async throws { machine = try await TestEngine() }

    private func name(_ text: String) throws -> ImageReference { try ImageReference(text) }

    /// A second image, of layers that are only names here.
    private func record(_ layers: [Digest], as names: [String]) async throws -> Digest {
        let bytes = Array("{\"architecture\":\"amd64\",\"os\":\"\(names)\"}".utf8)
        let image = ImageRecord(
            id: .of(bytes),
            manifest: nil,
            configuration: bytes,
            layers: layers.map { .init(diffID: $0, blob: nil) },
            sizeBytes: 0,
            recordedAt: .now()
        )
        try await engine.record(image, as: try names.map { try name($0) })
        return image.id
    }

    @Test("digests go with the last tag of their repository")
    func digests() async throws {
        let digest = try name("test/image").repository.with(digest: .of("x".utf8))
        try await engine.tagImage(machine.image, as: digest)
        let other = try name("other:1")
        try await engine.tagImage(machine.image, as: other)
        #expect(
            try await engine.removeImage(matching: "test/image")
                == [.untagged(try name("test/image:latest")), .untagged(digest)]
        )
        #expect(
            try await engine.removeImage(matching: "other:1") == [.untagged(other), .deleted(id)]
        )
    }

    @Test("a digest alone is taken away as it is written")
    func digestAlone() async throws {
        let digest = try name("test/image").repository.with(digest: .of("x".utf8))
        try await engine.tagImage(machine.image, as: digest)
        #expect(try await engine.removeImage(matching: digest.familiar) == [.untagged(digest)])
        #expect(try await engine.image(matching: "test/image") != nil)
    }

    @Test("an identifier takes all names, in one repository or by force")
    func identifier() async throws {
        try await engine.tagImage(machine.image, as: try name("other:1"))
        let refused = await engineError { _ = try await engine.removeImage(matching: id.hex) }
        #expect(
            refused?.description == "conflict: unable to delete \(id.short) (must be forced) - "
                + "image is referenced in multiple repositories"
        )
        #expect(
            try await engine.removeImage(matching: id.short, forced: true).last == .deleted(id)
        )
    }

    @Test("layers that no other image has are named by their chains, topmost first")
    func layers() async throws {
        let digests = (0..<3).map { Digest.of("layer \($0)".utf8) }
        let chain = Digest.chain(digests)
        _ = try await record(Array(digests[..<1]), as: ["base"])
        let top = try await record(digests, as: ["top"])
        let removals = try await engine.removeImage(matching: "top")
        #expect(
            removals == [
                .untagged(try name("top:latest")), .deleted(top), .deletedLayer(chain[2]),
                .deletedLayer(chain[1]),
            ]
        )
    }

    @Test("layers that the build cache needs stay")
    func cached() async throws {
        let digests = (0..<2).map { Digest.of("layer \($0)".utf8) }
        _ = try await record(digests, as: ["top"])
        try machine.remember([digests[1]])
        let removals = try await engine.removeImage(matching: "top")
        #expect(removals.last == .deletedLayer(digests[0]))
        #expect(removals.count == 3)
    }

    @Test("a container keeps its image: its last name only by force, itself not at all")
    func containers() async throws {
        let container = try await machine.create(machine.request("web-1"))
        let refused = await engineError {
            _ = try await engine.removeImage(matching: "test/image")
        }
        #expect(
            refused?.description
                == "conflict: unable to remove repository reference \"test/image\" "
                + "(must force) - container \(container.id.short) is using its referenced image "
                + id.short
        )
        #expect(
            try await engine.removeImage(matching: "test/image", forced: true)
                == [.untagged(try name("test/image:latest"))]
        )
        let nameless = await engineError {
            _ = try await engine.removeImage(matching: id.hex, forced: true)
        }
        #expect(
            nameless?.description == "conflict: unable to delete \(id.short) (cannot be forced) - "
                + "image is being used by stopped container \(container.id.short)"
        )
    }

    @Test("one of several names goes though a container has the image")
    func oneOfSeveral() async throws {
        _ = try await machine.create(machine.request("web-1"))
        try await engine.tagImage(machine.image, as: try name("other:1"))
        #expect(
            try await engine.removeImage(matching: "other:1") == [.untagged(try name("other:1"))]
        )
    }

    @Test("what is not here is told with its tag")
    func missing() async throws {
        for (text, words) in [
            ("nosuch", "No such image: nosuch:latest"), ("a/b:1", "No such image: a/b:1"),
            ("@", "invalid reference format"), (id.hex.uppercased(), "invalid reference format"),
        ] {
            let error = await engineError { _ = try await engine.removeImage(matching: text) }
            #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
        }
    }
}
