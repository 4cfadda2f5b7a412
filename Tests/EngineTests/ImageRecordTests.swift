import ContainerRuntime
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite(
    "images' records",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ImageRecordTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }

    init() async throws { machine = try await TestEngine() }

    @Test("are found by every name a user may write")
    func found() async throws {
        let id = machine.image.id
        for text in [
            "test/image", "test/image:latest", "docker.io/test/image", id.description, id.hex,
            String(id.hex.prefix(12)), "sha256:\(id.hex.prefix(6))",
        ] {
            #expect(try await engine.image(matching: text)?.id == id, "\(text)")
        }
        for text in ["test/image:2", "image", "test", "", "%", "Test/Image"] {
            #expect(try await engine.image(matching: text) == nil, "\(text)")
        }
    }

    @Test("lose names one by one and go with the last")
    func removed() async throws {
        let other = try ImageReference("other:1")
        try await engine.tagImage(machine.image, as: other)
        let ambiguous = await engineError {
            _ = try await engine.removeImage(matching: machine.image.id.hex)
        }
        #expect(ambiguous?.kind == .conflict)
        #expect(try await engine.removeImage(matching: "test/image").count == 1)
        #expect(try await engine.image(matching: "other:1") == machine.image)
        let last = try await engine.removeImage(matching: "other:1")
        #expect(last == [.untagged(other), .deleted(machine.image.id)])
        #expect(try await engine.images().isEmpty)
    }

    @Test("stay while a container needs them")
    func used() async throws {
        let record = try await machine.create(machine.request("web-1"))
        let error = await engineError { _ = try await engine.removeImage(matching: "test/image") }
        #expect(error?.kind == .inUse && error?.description.contains(record.id.short) == true)
        _ = try await engine.removeImage(matching: "test/image", forced: true)
        #expect(try await engine.image(matching: "test/image") == nil)
        #expect(try await engine.image(machine.image.id) != nil)
        try await engine.removeContainers([record.id], withAnonymousVolumes: true)
        _ = try await engine.removeImage(matching: machine.image.id.hex)
        #expect(try await engine.images().isEmpty)
    }

    @Test("give a name to another image when it is rebuilt")
    func moved() async throws {
        let bytes = Array(#"{"architecture":"amd64","os":"linux","config":{}}"#.utf8)
        let second = ImageRecord(
            id: .of(bytes),
            manifest: nil,
            configuration: bytes,
            layers: [],
            sizeBytes: 0,
            recordedAt: .now()
        )
        try await engine.record(second, as: [try ImageReference("test/image")])
        #expect(try await engine.image(matching: "test/image")?.id == second.id)
        #expect(try await engine.images().count == 2)
    }
}
