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
    "Pulling from a real registry",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot && DebianRegistry.isInstalled, "needs root and docker-registry"),
    .timeLimit(.minutes(2))
)
struct PullTests {
    let scratch: Scratch
    let registry: TestRegistry
    let store: ImageStore

    init() throws {
        scratch = try Scratch()
        registry = try TestRegistry(in: scratch)
        store = try ImageStore(root: scratch("store"))
    }

    private func makeLayout(_ name: String = "layout") throws -> TestLayout {
        try TestLayout(
            at: scratch(name),
            layers: [
                [("bin/app", "#!/bin/sh"), ("etc/passwd", "root:x:0:0")],
                [("srv/data", String(repeating: "some data\n", count: 100_000))],
                [("etc/late", "on top")],
            ],
            programs: ["gzip", "zstd", ""]
        )
    }

    private func makeClient() -> RegistryClient {
        var configuration = RegistryClient.Configuration()
        configuration.retry.firstPause = .milliseconds(1)
        return RegistryClient(configuration, logger: Logger(label: "test"))
    }

    /// What a pull reported.
    private final class Report: Sendable {
        let events = Mutex<[PullProgress]>([])

        func states(of layer: Digest) -> [PullProgress.State] {
            events.withLock { $0.filter { $0.layer == layer }.map(\.state) }
        }
    }

    private func pull(_ name: String, into report: Report = Report()) async throws -> PulledImage {
        try await ImagePull(store: store, client: makeClient()).pull(
            ImageReference("\(registry.authority)/\(name)")
        ) { event in report.events.withLock { $0.append(event) } }
    }

    @Test("brings layers of every compression, and the second time nothing")
    func whole() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "team/app:1")
        let first = Report()
        let image = try await pull("team/app:1", into: first)
        #expect(image.manifest == .of(layout.document))
        #expect(image.id == layout.manifest.config.digest)
        #expect(image.configuration == layout.configuration)
        #expect(image.layers.map(\.blob) == layout.manifest.layers)
        #expect(image.layers.map(\.diffID) == layout.configuration.diffIDs)
        #expect(
            image.names.map(\.description) == [
                "\(registry.authority)/team/app:1",
                "\(registry.authority)/team/app@\(Digest.of(layout.document))",
            ]
        )
        for digest in [image.manifest, image.id] + image.layers.map(\.blob.digest) {
            #expect(store.hasBlob(digest))
        }
        let folders = try store.lowerDirectories(for: layout.configuration.diffIDs)
        #expect(folders.count == 3)
        #expect(try text(folders[0].appending("etc/late")) == "on top")
        #expect(try text(folders[2].appending("bin/app")) == "#!/bin/sh")
        for layer in layout.manifest.layers {
            let states = first.states(of: layer.digest)
            #expect(states.first == .waiting)
            #expect(states.contains(.downloading(layer.size)))
            #expect(states.suffix(2) == [.unpacking, .done])
        }

        let second = Report()
        let again = try await pull("team/app@\(image.manifest)", into: second)
        #expect(again.id == image.id)
        for layer in layout.manifest.layers {
            #expect(second.states(of: layer.digest) == [.waiting, .alreadyThere])
        }
    }

    @Test("shares layers between pulls at the same time")
    func shared() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "app:1")
        try registry.push(layout.path, as: "app:2")
        let reports = [Report(), Report(), Report()]
        try await withThrowingTaskGroup { group in
            for (index, report) in reports.enumerated() {
                group.addTask { _ = try await pull("app:\(index % 2 + 1)", into: report) }
            }
            try await group.waitForAll()
        }
        for layer in layout.manifest.layers {
            let downloads = reports.filter { $0.states(of: layer.digest).contains(.done) }
            #expect(downloads.count == 1)
        }
    }

    @Test("fails with the cause, and goes on from there")
    func wrongContent() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "app:1")
        let victim = layout.manifest.layers[1].digest
        let blob = registry.storage.appending(
            "docker/registry/v2/blobs/sha256/\(victim.hex.prefix(2))/\(victim.hex)/data"
        )
        let good = try readFile(blob, limit: 1 << 30)
        var bad = good
        bad[good.count / 2] ^= 0xff
        try atomicWrite(bad, to: blob)
        let error = await #expect(throws: EngineError.self) { try await pull("app:1") }
        #expect(error?.description.contains("\(registry.authority)/app:1") == true)
        #expect(!store.hasBlob(victim))
        #expect(!store.hasBlob(.of(layout.document)))
        #expect(!store.hasLayer(layout.configuration.diffIDs[1]))

        try atomicWrite(good, to: blob)
        let image = try await pull("app:1")
        #expect(store.hasLayer(image.configuration.diffIDs[1]))
    }

    @Test("says when there is no such image, and when nobody is there")
    func missing() async throws {
        let missing = await #expect(throws: RegistryError.self) { try await pull("nothing:1") }
        guard case .notFound = missing?.cause else {
            Issue.record("\(String(describing: missing))")
            return
        }
        registry.stop()
        let gone = await #expect(throws: RegistryError.self) { try await pull("app:1") }
        guard case .unreachable = gone?.cause else {
            Issue.record("\(String(describing: gone))")
            return
        }
        #expect(try store.storedBlobs() == [])
    }

    @Test("gives an image its record")
    func record() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "app:1")
        let test = try await TestEngine()
        let reference = try ImageReference("\(registry.authority)/app:1")
        let result = try await test.engine.pull(reference)
        let record = result.image
        #expect(result.isNew)
        #expect(result.digest == .of(layout.document))
        #expect(try await test.engine.image(matching: "\(registry.authority)/app:1") == record)
        #expect(record.layers.map(\.diffID) == layout.configuration.diffIDs)
        #expect(record.manifest == .of(layout.document))
    }

    @Test("asks once about a tag that is as it was, and nothing about a digest")
    func unchanged() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "app:1")
        let test = try await TestEngine()
        let client = makeClient()
        let reference = try ImageReference("\(registry.authority)/app:1")
        let first = try await test.engine.pull(reference, client: client)
        // As another process would, which knows nothing of the registry yet.
        let second = try await test.engine.pull(reference, client: makeClient())
        #expect(!second.isNew)
        #expect(second.digest == first.digest)
        #expect(second.image.id == first.image.id)
        let pinned = reference.repository.with(digest: first.digest)
        #expect(try await !test.engine.pull(pinned, client: client).isNew)
        let requests = registry.allRequests()
        let last = try #require(requests.lastIndex { $0.hasPrefix("GET /v2/app/blobs/") })
        #expect(requests[(last + 1)...] == ["HEAD /v2/app/manifests/1"])
    }

    @Test("fetches what a tag points to now, and what is missing of what it pointed to")
    func changed() async throws {
        let layout = try makeLayout()
        try registry.push(layout.path, as: "app:1")
        let test = try await TestEngine()
        let client = makeClient()
        let reference = try ImageReference("\(registry.authority)/app:1")
        let first = try await test.engine.pull(reference, client: client)
        let other = try TestLayout(
            at: scratch("other"),
            layers: [[("bin/app", "another")]],
            programs: ["gzip"]
        )
        try registry.push(other.path, as: "app:1")
        let second = try await test.engine.pull(reference, client: client)
        #expect(second.isNew)
        #expect(second.image.id != first.image.id)

        let blob = try #require(second.image.layers.first?.blob)
        try removeTree(test.engine.imageStore.blobPath(blob))
        let third = try await test.engine.pull(reference, client: client)
        #expect(!third.isNew)
        #expect(test.engine.imageStore.hasBlob(blob))
    }
}
