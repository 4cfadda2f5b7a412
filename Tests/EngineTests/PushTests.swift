import Foundation
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

@Suite(
    "root: pushing to a real registry",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot && DebianRegistry.isInstalled, "needs root and docker-registry"),
    .timeLimit(.minutes(2))
)
struct PushTests {
    let test: TestEngine
    let registry: TestRegistry

    init() async throws {
        test = try await TestEngine()
        registry = try TestRegistry(in: test.scratch)
    }

    var engine: Engine { test.engine }

    func reference(_ name: String) throws -> ImageReference {
        try ImageReference("\(registry.authority)/\(name)")
    }

    func makeClient(pieceBytes: Int64? = nil) -> RegistryClient {
        var configuration = RegistryClient.Configuration()
        configuration.retry.firstPause = .milliseconds(1)
        configuration.pieceBytes = pieceBytes
        return RegistryClient(configuration, logger: Logger(label: "test"))
    }

    /// What a push reported of its layers, without the numbers.
    final class Report: Sendable {
        let events = Mutex<[PushProgress]>([])

        func last() -> [PushProgress.State] {
            events.withLock { events in
                var states: [Digest: PushProgress.State] = [:]
                for event in events { states[event.layer] = event.state }
                return Array(states.values)
            }
        }

        func has(_ matches: (PushProgress.State) -> Bool) -> Bool {
            events.withLock { $0.contains { matches($0.state) } }
        }
    }

    func push(
        _ name: String,
        client: RegistryClient? = nil,
        into report: Report = Report()
    ) async throws -> PushedImage {
        try await engine.push(
            reference(name),
            client: client ?? makeClient()
        ) { event in report.events.withLock { $0.append(event) } }
    }

    /// Brings an image of two layers here from the registry's repository `base`.
    private func pulled() async throws -> ImageRecord {
        let layout = try TestLayout(
            at: test.scratch("layout"),
            layers: [
                [("bin/app", "#!/bin/sh")],
                [("srv/data", String(repeating: "some data\n", count: 100_000))],
            ],
            programs: ["gzip", "zstd"]
        )
        try registry.push(layout.path, as: "base:1")
        return try await engine.pull(reference("base:1"), client: makeClient()).image
    }

    /// An image as a build leaves it: layers without blobs, which its manifest lists as plain.
    private func built(
        sizes: [Int] = [300_000, 20],
        hasManifest: Bool = true
    ) async throws -> ImageRecord {
        let store = engine.imageStore
        var layers: [Descriptor] = []
        for (index, size) in sizes.enumerated() {
            let upper = test.scratch("root/upper-\(index)")
            try makeDirectories(upper, mode: 0o755)
            var random = SystemRandomNumberGenerator()
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...63, using: &random) }
            try atomicWrite(bytes, to: upper.appending("file-\(index)"), mode: 0o644)
            let (diffID, bytesOfTar) = try store.adoptLayer(upper)
            layers.append(
                Descriptor(mediaType: MediaType.ociLayer, digest: diffID, size: bytesOfTar)
            )
        }
        var configuration = ImageConfiguration(diffIDs: layers.map(\.digest))
        configuration.config.command = ["/file-0"]
        let bytes = try OCIJSON.encode(configuration)
        let manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
            layers: layers
        )
        let document = try OCIJSON.encode(manifest)
        try store.writeBlob(bytes)
        let manifestDigest: Digest? = hasManifest ? .of(document) : nil
        if hasManifest { try store.writeBlob(document) }
        let record = ImageRecord(
            id: .of(bytes),
            manifest: manifestDigest,
            configuration: bytes,
            layers: layers.map { .init(diffID: $0.digest, blob: nil) },
            sizeBytes: layers.reduce(0) { $0 + $1.size },
            recordedAt: .now()
        )
        try await engine.record(record, as: [reference("built:1")])
        return record
    }

    /// Another machine's view: what the tag gives there.
    private func fetched(_ name: String) async throws -> PullResult {
        let other = try await TestEngine()
        return try await other.engine.pull(reference(name), client: makeClient())
    }

    @Test("a pulled image comes back with the same digests")
    func pulledImage() async throws {
        let image = try await pulled()
        try await engine.tagImage(image, as: reference("copy:2"))
        let report = Report()
        let pushed = try await push("copy:2", into: report)
        #expect(pushed.digest == image.manifest)
        #expect(pushed.incompleteIndex == nil)
        let back = try await fetched("copy:2")
        #expect(back.image.id == image.id)
        #expect(back.image.layers == image.layers)
        #expect(back.digest == image.manifest)
        // The registry had them in the repository that they were pulled from.
        #expect(report.last().allSatisfy { $0 == .mounted(from: "base") })
        #expect(report.last().count == 2)
    }

    @Test("what is there is not sent again")
    func twice() async throws {
        let image = try await pulled()
        try await engine.tagImage(image, as: reference("copy:1"))
        try await engine.tagImage(image, as: reference("copy:2"))
        _ = try await push("copy:1")
        let report = Report()
        let second = try await push("copy:2", into: report)
        #expect(second.digest == image.manifest)
        #expect(report.last().allSatisfy { $0 == .alreadyThere })
    }

    @Test("a built image is compressed once, and comes back as the same image")
    func builtImage() async throws {
        let image = try await built()
        let first = Report()
        let pushed = try await push("built:1", into: first)
        #expect(first.last().allSatisfy { $0 == .pushed })
        #expect(
            first.has {
                if case .compressing = $0 { true } else { false }
            }
        )
        let back = try await fetched("built:1")
        #expect(back.image.id == image.id)
        #expect(back.digest == pushed.digest)
        #expect(back.image.layers.map(\.diffID) == image.layers.map(\.diffID))

        let known = try #require(try await engine.image(image.id))
        #expect(known.manifest == pushed.digest)
        #expect(known.layers == back.image.layers)
        #expect(
            try await engine.image(matching: "\(registry.authority)/built@\(pushed.digest)")
                == known
        )

        try await engine.tagImage(image, as: reference("other:1"))
        let second = Report()
        let again = try await push("other:1", into: second)
        #expect(again.digest == pushed.digest)
        #expect(second.last().allSatisfy { $0 == .mounted(from: "built") })
        // The blobs stay for as long as the image does.
        _ = try await engine.collectImageGarbage()
        #expect(known.layers.allSatisfy { $0.blob.map(engine.imageStore.hasBlob) == true })
    }

    @Test("blobs go in pieces to a registry that wants them so")
    func pieces() async throws {
        let image = try await built(sizes: [3_000_000])
        let pushed = try await push("built:1", client: makeClient(pieceBytes: 400_000))
        let back = try await fetched("built:1")
        #expect(back.image.id == image.id)
        #expect(back.digest == pushed.digest)
        #expect(registry.allRequests().filter { $0.hasPrefix("PATCH ") }.count > 3)
    }

    @Test("an image that has no manifest gets Docker's")
    func noManifest() async throws {
        let image = try await built(hasManifest: false)
        let pushed = try await push("built:1")
        let back = try await fetched("built:1")
        #expect(back.image.id == image.id)
        #expect(back.digest == pushed.digest)
        let document = try ManifestDocument(bytes: engine.imageStore.readBlob(pushed.digest))
        #expect(document.mediaType == MediaType.dockerManifest)
    }

    @Test("says what is not here, and what cannot be pushed")
    func refusals() async throws {
        let missing = await engineError { _ = try await push("nothing:1") }
        #expect(
            missing?.description.hasPrefix(
                "An image does not exist locally with the tag: \(registry.authority)/nothing"
            ) == true
        )
        let image = try await pulled()
        let digest = try #require(image.manifest)
        let pinned = await engineError { _ = try await push("base@\(digest)") }
        #expect(pinned?.description.contains("cannot push a digest reference") == true)
        let platform = try Platform("linux/riscv64")
        let other = await engineError {
            _ = try await engine.push(
                reference("base:1"),
                platform: platform,
                client: makeClient()
            )
        }
        #expect(other?.description.contains("does not match the specified platform") == true)
        let tags = await engineError { _ = try await engine.localTags(of: reference("none")) }
        #expect(tags?.kind == .notFound)
        #expect(try await engine.localTags(of: reference("base")) == [reference("base:1")])
    }

    @Test("a push that fails leaves nothing on its way")
    func gone() async throws {
        _ = try await built()
        registry.stop()
        await #expect(throws: RegistryError.self) { try await push("built:1") }
        let staging = test.scratch("root/staging").string
        let left = try FileManager.default.contentsOfDirectory(atPath: staging)
        #expect(left == ["store.lock"])
    }
}

@Suite("Slots of transfers", .timeLimit(.minutes(1)))
struct TransferSlotsTests {
    /// How many are in it now, and were at most.
    private final class Gauge: Sendable {
        private let state = Mutex([0, 0])

        func enter() {
            state.withLock { state in
                state[0] += 1
                state[1] = max(state[0], state[1])
            }
        }

        func leave() { state.withLock { $0[0] -= 1 } }
        var now: Int { state.withLock { $0[0] } }
        var most: Int { state.withLock { $0[1] } }
    }

    @Test("bound what runs at the same time")
    func bound() async throws {
        let slots = TransferSlots(3)
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await slots.with {
                        gauge.enter()
                        await Task.yield()
                        gauge.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(gauge.most <= 3)
        #expect(gauge.now == 0)
    }

    @Test("let go of who is cancelled while waiting, and lose no slot by it")
    func cancelled() async throws {
        let slots = TransferSlots(1)
        let (release, releaser) = AsyncStream.makeStream(of: Void.self)
        let (begun, beginner) = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await slots.with {
                beginner.yield()
                for await _ in release { break }
            }
        }
        for await _ in begun { break }
        let waiter = Task { try await slots.with {} }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        releaser.yield()
        try await holder.value
        try await slots.with {}
    }
}
