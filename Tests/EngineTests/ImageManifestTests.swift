import ImageStore
import Linux
import Logging
import OCI
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// Several manifests may list one configuration, and so mean one image. Who writes one of them has
/// no say in what the names that came by another stand for.
@Suite(
    "root: a name keeps its own manifest",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot && DebianRegistry.isInstalled, "needs root and docker-registry"),
    .timeLimit(.minutes(2))
)
struct ImageManifestTests {
    let test: TestEngine
    let registry: TestRegistry
    let client: RegistryClient
    var engine: Engine { test.engine }

    init() async throws {
        test = try await TestEngine()
        registry = try TestRegistry(in: test.scratch)
        var configuration = RegistryClient.Configuration()
        configuration.retry.firstPause = .milliseconds(1)
        client = RegistryClient(configuration, logger: Logger(label: "test"))
    }

    private func reference(_ name: String) throws -> ImageReference {
        try ImageReference("\(registry.authority)/\(name)")
    }

    /// An image of one layer, as an OCI layout.
    private func layout() throws -> TestLayout {
        try TestLayout(
            at: test.scratch("layout"),
            layers: [[("bin/app", String(repeating: "#!/bin/sh\n", count: 1000))]],
            programs: ["gzip"]
        )
    }

    /// Puts the image of a layout into the registry with its layer compressed in another way; gives
    /// its manifest.
    private func pushRecompressed(_ layout: TestLayout, as name: String) async throws -> Digest {
        let blob = try TestLayout.compressed(layout.path.appending("plain"), with: "zstd")
        let document = try forged(layout) {
            $0.layers = [Descriptor(mediaType: MediaType.ociLayerZstd, of: blob)]
        }
        for content in [blob, try OCIJSON.encode(layout.configuration)] {
            _ = try await client.upload(.of(content), BlobContent(content), to: reference(name))
        }
        try await client.pushManifest(document, as: "1", of: reference(name))
        return document.descriptor.digest
    }

    private func pull(_ name: String) async throws -> ImageRecord {
        try await engine.pull(reference(name), client: client).image
    }

    private func found(_ text: String) async throws -> ImageRecord? {
        try await engine.image(matching: text)
    }

    @Test(
        "when it is saved and pushed, in whatever order they came, and is forgotten with it",
        arguments: [["good:1", "other:1"], ["other:1", "good:1"]]
    )
    func twoManifests(order: [String]) async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "good:1")
        let own = Digest.of(layout.document)
        let others = try await pushRecompressed(layout, as: "other:1")
        for name in order { _ = try await pull(name) }
        let (good, other) = (try reference("good:1"), try reference("other:1"))
        let first = try #require(try await found(good.familiar))
        let second = try #require(try await found(other.familiar))
        #expect(first.id == second.id)
        #expect([first.manifest, second.manifest] == [own, others])
        // What came first is what the identifier means.
        let byID = try await engine.image(first.id)
        #expect(byID?.manifest == (order[0] == "good:1" ? own : others))

        #expect(
            try await engine.imagesToSave([other.familiar, good.familiar])
                == [
                    ImageToSave(manifest: own, names: [good]),
                    ImageToSave(manifest: others, names: [other]),
                ].sorted { $0.manifest < $1.manifest }
        )
        try await engine.tagImage(first, as: reference("copy:1"))
        for (name, manifest) in [("good:1", own), ("copy:1", own), ("other:1", others)] {
            let pushed = try await engine.push(reference(name), client: client)
            #expect(pushed.digest == manifest, "\(name)")
        }
        let pinned = try await engine.images().flatMap(\.names).map(\.reference)
            .filter { $0.contains("@") }
        #expect(
            pinned.sorted()
                == [
                    "\(registry.authority)/copy@\(own)", "\(registry.authority)/good@\(own)",
                    "\(registry.authority)/other@\(others)",
                ]
        )

        _ = try await engine.removeImage(matching: other.familiar)
        try await engine.collectImageGarbage()
        #expect(try await engine.image(first.id)?.manifest == own)
        #expect(try await found(good.familiar) == first)
        #expect(!engine.imageStore.hasBlob(others))
        #expect(!engine.imageStore.hasBlob(try #require(second.layers[0].blob)))
        #expect(engine.imageStore.hasBlob(try #require(first.layers[0].blob)))
    }

    @Test("and its own index")
    func indexes() async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "good:1")
        try registry.push(layout.path, as: "other:1")
        let entry = Descriptor(mediaType: MediaType.ociManifest, of: layout.document)
        let absent = Descriptor(
            mediaType: MediaType.ociManifest,
            digest: .of("another platform's".utf8),
            size: 18,
            platform: try Platform("linux/s390x")
        )
        let index = try ManifestDocument(
            bytes: OCIJSON.encode(ImageIndex(manifests: [entry, absent]))
        )
        // As a registry may have it whose owner means ill: the test's own would refuse the index.
        try engine.imageStore.writeBlob(index.bytes)
        _ = try await pull("good:1")
        var other = try await pull("other:1")
        other.index = index.descriptor.digest
        try await engine.record(other, as: [reference("other:1")])

        let pushed = try await engine.push(reference("good:1"), client: client)
        #expect(pushed.digest == entry.digest)
        #expect(pushed.incompleteIndex == nil)
        let alone = try await engine.push(reference("other:1"), client: client)
        #expect(alone.incompleteIndex == index.descriptor.digest)
    }

    @Test("an up-to-date tag is one whose own manifest the registry still has")
    func movedTag() async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "app:1")
        let first = try await pull("app:1")
        let manifest = try await pushRecompressed(layout, as: "app:1")
        let again = try await engine.pull(reference("app:1"), client: client)
        #expect(again.isNew)
        #expect(again.image.id == first.id)
        #expect(try await found(reference("app:1").familiar)?.manifest == manifest)
        #expect(try await !engine.pull(reference("app:1"), client: client).isNew)
    }

    /// A manifest that is `layout`'s but for a size.
    private func forged(
        _ layout: TestLayout,
        _ change: (inout Manifest) -> Void
    ) throws -> ManifestDocument {
        var manifest = layout.manifest
        change(&manifest)
        return try ManifestDocument(bytes: OCIJSON.encode(manifest))
    }

    @Test(
        "a manifest that gives another size for a blob that is here is refused",
        arguments: [1, 10, -1, 1 << 40]
    )
    func wrongSize(by difference: Int64) async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "good:1")
        try registry.push(layout.path, as: "evil:1")
        let good = try await pull("good:1")
        let size = layout.manifest.layers[0].size
        let once = try forged(layout) { $0.layers[0].size += difference }
        try await client.pushManifest(once, as: "1", of: reference("evil:1"))
        let error = await #expect(throws: EngineError.self) { _ = try await pull("evil:1") }
        #expect(
            error?.reason.contains(
                difference > 0
                    ? "ended after \(size) of \(size + difference) bytes"
                    : "longer than the \(size + difference) bytes it should have"
            ) == true
        )
        #expect(try await found(reference("evil:1").familiar) == nil)
        #expect(try await found(reference("good:1").familiar) == good)
        #expect(!engine.imageStore.hasBlob(once.descriptor.digest))
    }

    @Test("a layer that is listed twice is compared twice")
    func wrongSizeOfSecond() async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "evil:1")
        var configuration = layout.configuration
        configuration.diffIDs += configuration.diffIDs
        let bytes = try OCIJSON.encode(configuration)
        let document = try forged(layout) {
            $0.config = Descriptor(mediaType: MediaType.ociConfig, of: bytes)
            $0.layers += $0.layers
            $0.layers[1].size += 1
        }
        let evil = try reference("evil:1")
        _ = try await client.upload(.of(bytes), BlobContent(bytes), to: evil)
        try await client.pushManifest(document, as: "1", of: evil)
        await #expect(throws: (any Error).self) { _ = try await pull("evil:1") }
        #expect(try await found(evil.familiar) == nil)
    }

    @Test("one that an older berth took makes no other image, and leads to no other name")
    func recordedForgery() async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "good:1")
        let good = try await pull("good:1")
        let document = try forged(layout) { $0.layers[0].size += 1 }
        var evil = good
        evil.manifest = try engine.imageStore.writeBlob(document.bytes)
        try await engine.record(evil, as: [reference("evil:1")])

        let refusal = await engineError {
            _ = try await engine.push(reference("evil:1"), client: client)
        }
        #expect(
            refusal?.reason.contains("its manifest \(document.descriptor.digest) is wrong") == true
        )
        _ = await engineError {
            _ = try evil.manifest(in: engine.imageStore, for: "build upon it")
        }
        let save = try await engine.imagesToSave([reference("evil:1").familiar])
        await #expect(throws: ImageStoreError.self) {
            try await engine.save(save) { _ in Issue.record("something was written") }
        }
        let pushed = try await engine.push(reference("good:1"), client: client)
        #expect(pushed.digest == .of(layout.document))
    }

    @Test("a blob is not taken for a layer that it does not hold, though both are here")
    func foreignLayer() async throws {
        let layout = try layout()
        try registry.push(layout.path, as: "good:1")
        _ = try await pull("good:1")
        let evil = try TestLayout(
            at: test.scratch("evil"),
            layers: [[("bin/app", "something else")]],
            programs: ["gzip"]
        )
        try registry.push(evil.path, as: "evil:1")
        _ = try await pull("evil:1")
        // The one's layer in the configuration, the other's blob in the manifest.
        let configuration = try OCIJSON.encode(layout.configuration)
        let document = try forged(evil) {
            $0.config = Descriptor(mediaType: MediaType.ociConfig, of: configuration)
        }
        _ = try await client.upload(
            .of(configuration),
            BlobContent(configuration),
            to: reference("evil:1")
        )
        try await client.pushManifest(document, as: "2", of: reference("evil:2"))
        let error = await #expect(throws: EngineError.self) { _ = try await pull("evil:2") }
        #expect(
            error?.reason.contains("the image promises \(layout.configuration.diffIDs[0])") == true
        )
        #expect(try await found(reference("good:1").familiar)?.manifest == .of(layout.document))
    }
}
