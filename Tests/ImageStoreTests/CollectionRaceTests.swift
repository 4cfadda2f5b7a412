import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite(
    "root: garbage collection beside pulls",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct CollectionRaceTests {
    /// What an image record would be: written while the hold lasts, read by the collection.
    private final class Records: Sendable {
        private let roots = Mutex(StoreRoots())

        var value: StoreRoots { roots.withLock { $0 } }

        func add(blob: Digest, layer: Digest) {
            roots.withLock { roots in
                roots.blobs.insert(blob)
                roots.layers.insert(layer)
            }
        }

        /// Forgets an image, as `rmi` does.
        func remove(blob: Digest, layer: Digest) {
            roots.withLock { roots in
                roots.blobs.remove(blob)
                roots.layers.remove(layer)
            }
        }
    }

    @Test("never takes what a pull is bringing or has recorded")
    func race() async throws {
        let scratch = try Scratch(on: fileSystems.last ?? "/tmp", unpacking: Tester.confined)
        let store = scratch.store
        let tars = (0..<4).map { number in
            TestTar { tar in
                for index in 0..<20 { tar.file("\(number)/\(index)", "content \(number)") }
            }.finished
        }
        let records = Records()
        let isOver = Mutex(false)
        async let collected = onOwnThread { () throws(any Error) -> Int in
            var layers = 0
            while !isOver.withLock({ $0 }) {
                layers += try store.collectGarbage { records.value }?.layers.count ?? 0
            }
            return layers
        }
        do {
            try await withThrowingTaskGroup { group in
                for tar in tars {
                    group.addTask { try await Self.pullAgainAndAgain(tar, store, records) }
                }
                try await group.waitForAll()
            }
        } catch {
            isOver.withLock { $0 = true }
            _ = try await collected
            throw error
        }
        isOver.withLock { $0 = true }
        _ = try await collected
        for tar in tars {
            #expect(store.hasLayer(.of(tar)))
            #expect(store.hasBlob(.of(tar)))
        }
    }

    @Test("never takes what a container that starts is making of its layers")
    func stacks() async throws {
        let scratch = try Scratch()
        let store = scratch.store
        let base = try await scratch.add(TestTar { $0.folder("tmp", mode: 0o1777) }.finished)
        let top = try await scratch.add(TestTar { $0.file("tmp/file") }.finished)
        let roots = StoreRoots(blobs: Set(try store.storedBlobs()), layers: [base, top])
        let isOver = Mutex(false)
        async let collected = onOwnThread { () throws(any Error) -> Void in
            while !isOver.withLock({ $0 }) { _ = try store.collectGarbage { roots } }
        }
        let result: Result<Void, any Error> = await onAnotherThread {
            for _ in 0..<300 {
                let paths = try store.lowerDirectories(for: [base, top])
                let corrections = try #require(paths.first)
                #expect(status(corrections.appending("tmp"))?.st_mode == S_IFDIR | 0o1777)
                // As though no container of the image had ever been started.
                let hold = try StoreHold(store)
                try store.discard(corrections.removingLastComponent())
                withExtendedLifetime(hold) {}
            }
        }
        isOver.withLock { $0 = true }
        try await collected
        try result.get()
    }

    /// What something on a thread of its own comes to.
    private func onAnotherThread(
        _ body: @escaping @Sendable () throws -> Void
    ) async -> Result<Void, any Error> {
        do {
            try await onOwnThread { () throws(any Error) -> Void in try body() }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private static func pullAgainAndAgain(
        _ tar: [UInt8],
        _ store: ImageStore,
        _ records: Records
    ) async throws {
        let descriptor = Descriptor(mediaType: MediaType.ociLayer, of: tar)
        let layer = Digest.of(tar)
        for round in 0..<10 {
            do {
                let hold = try await store.hold()
                let lease = try await store.lease(descriptor, diffID: layer)
                switch lease.need {
                case .nothing: break
                case .unpacking: try lease.complete()
                case .download(let offset):
                    try lease.complete(from: BytesSource(Array(tar[Int(offset)...])))
                }
                records.add(blob: descriptor.digest, layer: layer)
                withExtendedLifetime(hold) {}
            }
            // Recorded, held by nobody: it has to be there, whole.
            #expect(store.hasBlob(descriptor.digest))
            let names = try folderEntries(store.layerPath(layer))
            #expect(names.count == 1)
            if round < 9 { records.remove(blob: descriptor.digest, layer: layer) }
        }
    }
}
