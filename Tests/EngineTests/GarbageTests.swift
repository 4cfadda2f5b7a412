import Dispatch
import ImageStore
import Linux
import Logging
import OCI
import Registry
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// Two engines on one store, as two processes would be: what one is at work on the other leaves.
@Suite(
    "root: garbage collection beside work",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(1))
)
struct GarbageTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }

    init() async throws { machine = try await TestEngine() }

    private static let text = String(repeating: "some content of a file\n", count: 20_000)

    private func layout(_ name: String) throws -> TestLayout {
        try TestLayout(
            at: machine.scratch(name),
            layers: [[("low", "\(name): first")], [("high", "\(name): \(Self.text)")]],
            programs: ["", ""]
        )
    }

    private func load(_ layout: TestLayout) async throws -> ImageRecord {
        let loaded = try await engine.loadImages(
            from: .folder(layout.path)
        )
        let first = try #require(loaded.first)
        return try #require(try await engine.image(first.id))
    }

    @Test("a pull that is half way keeps everything, whatever is removed beside it")
    func pulls() async throws {
        let layout = try layout("app")
        let gated = try #require(layout.manifest.layers.last).digest
        let registry = try GatedRegistry(layout, stoppingIn: gated)
        let other = try machine.another()
        let reference = try ImageReference("\(registry.authority)/app:1")
        let engine = engine
        async let pulled = engine.pull(
            reference,
            client: RegistryClient(RegistryClient.Configuration(), logger: Logger(label: "test"))
        )
        for await _ in registry.halves { break }
        // Who brings the layer in has its lock.
        let lock = engine.imageStore.root.appending("staging/\(gated.hex).lock")
        #expect(exists(lock))
        #expect(try await other.collectImageGarbage() == nil)
        let removals = try await other.removeImage(
            matching: "test/image"
        )
        #expect(removals.last == .deleted(machine.image.id))
        #expect(exists(lock))
        registry.open()
        let image = try await pulled.image
        #expect(image.isComplete(in: engine.imageStore))
        // Recorded: now it stays without anybody's hold, and only it.
        #expect(try await other.collectImageGarbage() != nil)
        #expect(image.isComplete(in: engine.imageStore))
        _ = try await other.removeImage(matching: reference.description)
        #expect(try engine.imageStore.storedLayers() == [])
        #expect(try engine.imageStore.storedBlobs() == [])
    }

    @Test("a save that streams has all its bytes, though the image is removed meanwhile")
    func saves() async throws {
        let image = try await load(try layout("app"))
        let other = try machine.another()
        let engine = engine
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let collected = Mutex<[UInt8]>([])
        let wanted = try await engine.imagesToSave([image.id.hex])
        async let saved: Void = engine.save(wanted) { bytes in
            let isFirst = collected.withLock { collected in
                defer { collected += bytes }
                return collected.isEmpty
            }
            if isFirst {
                start.yield()
                gate.wait()
            }
        }
        for await _ in starts { break }
        let removals = try await other.removeImage(matching: image.id.hex)
        #expect(removals.first == .deleted(image.id))
        #expect(try await other.collectImageGarbage() == nil)
        gate.signal()
        try await saved
        #expect(try await other.collectImageGarbage() != nil)
        #expect(try engine.imageStore.storedLayers() == [])

        let tar = machine.scratch("saved.tar")
        try atomicWrite(collected.withLock { $0 }, to: tar)
        let loaded = try await engine.loadImages(
            from: .stream(try FileSource(tar), name: "saved")
        )
        #expect(loaded.map(\.id) == [image.id])
    }

    @Test("layers that only the build cache knows stay for it, and go when it has forgotten them")
    func buildCache() async throws {
        let image = try await load(try layout("app"))
        let layers = Set(image.layers.map(\.diffID))
        try machine.remember(layers)
        let removals = try await engine.removeImage(matching: image.id.hex)
        // What stays is not said to be deleted.
        #expect(removals == [.deleted(image.id)])
        #expect(Set(try engine.imageStore.storedLayers()) == layers)
        #expect(try engine.imageStore.storedBlobs() == [])
        let removal = try await engine.pruneBuildCache(BuildCachePruning())
        #expect(Set(removal.items.map(\.id)) == Set(layers.map { String($0.hex.prefix(25)) }))
        #expect(removal.bytes > 0)
        #expect(!removal.isPostponed)
        #expect(try engine.imageStore.storedLayers() == [])
    }
}
