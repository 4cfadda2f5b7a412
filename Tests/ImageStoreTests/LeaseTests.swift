import Linux
import OCI
import Synchronization
import Testing
import TestSupport

@testable import ImageStore

/// Counts what several tasks do.
private final class Count: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func increase() { number.withLock { $0 += 1 } }
}

@Suite("Leases", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct LeaseTests {
    static let tar = CompressionTests.tar
    static let descriptor = Descriptor(mediaType: MediaType.ociLayer, of: tar)

    @Test("go on where an interrupted download ended")
    func resume() async throws {
        let scratch = try Scratch()
        let diffID = Digest.of(Self.tar)
        do {
            let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
            #expect(lease.need == .download(from: 0))
            #expect(throws: BytesSource.Cut.self) {
                try lease.complete(from: BytesSource(Self.tar, cutAfter: 300_000))
            }
            #expect(!scratch.store.hasLayer(diffID))
        }
        let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
        #expect(lease.need == .download(from: 300_000))
        try lease.complete(from: BytesSource(Array(Self.tar[300_000...])))
        #expect(lease.need == .nothing)
        #expect(scratch.store.hasBlob(Self.descriptor.digest))
    }

    @Test("never go on from bytes that are wrong")
    func wrongResume() async throws {
        let scratch = try Scratch()
        let diffID = Digest.of(Self.tar)
        let zeros = [UInt8](repeating: 0, count: 300_000)
        do {
            let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
            #expect(throws: BytesSource.Cut.self) {
                try lease.complete(from: BytesSource(zeros, cutAfter: 300_000))
            }
        }
        do {
            let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
            #expect(throws: ImageStoreError.self) {
                try lease.complete(from: BytesSource(Array(Self.tar[300_000...])))
            }
            #expect(lease.need == .download(from: 0))
        }
        try scratch.expectEmpty()
    }

    @Test("are for one at a time; the second finds the work done")
    func exclusive() async throws {
        let scratch = try Scratch()
        let diffID = Digest.of(Self.tar)
        let downloads = Count()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
                    guard lease.need != .nothing else { return }
                    downloads.increase()
                    try lease.complete(from: BytesSource(Self.tar))
                }
            }
            try await group.waitForAll()
        }
        #expect(downloads.value == 1)
    }

    @Test("unpack a blob that is already there, or fetch one whose layer is")
    func halves() async throws {
        let scratch = try Scratch()
        let diffID = try await scratch.add(Self.tar)
        _ = try scratch.store.collectGarbage { StoreRoots(blobs: [Self.descriptor.digest]) }
        do {
            let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
            #expect(lease.need == .unpacking)
            try lease.complete()
            #expect(scratch.store.hasLayer(diffID))
        }
        _ = try scratch.store.collectGarbage { StoreRoots(layers: [diffID]) }
        let lease = try await scratch.store.lease(Self.descriptor, diffID: diffID)
        #expect(lease.need == .download(from: 0))
        try lease.complete(from: BytesSource(Self.tar))
        #expect(lease.need == .nothing)
    }

    @Test("compare what an image says of a blob and a layer that are both here")
    func claims() async throws {
        let scratch = try Scratch()
        let diffID = try await scratch.add(Self.tar)
        let other = TestTar { $0.file("other", "something else") }.finished
        _ = try await scratch.add(other)
        let blob = Descriptor(mediaType: MediaType.ociLayer, of: other)
        do {
            let lease = try await scratch.store.lease(blob, diffID: diffID)
            #expect(lease.need == .unpacking)
            let error = #expect(throws: ImageStoreError.self) { try lease.complete() }
            #expect(error?.problem == .wrongDiffID(expected: diffID, found: .of(other)))
            #expect(lease.need == .unpacking)
        }
        for difference: Int64 in [1, -1, 1 << 50] {
            var wrong = Self.descriptor
            wrong.size += difference
            let error = await #expect(throws: ImageStoreError.self) {
                _ = try await scratch.store.lease(wrong, diffID: diffID)
            }
            #expect(
                error?.problem
                    == .wrongSize(expected: wrong.size, found: Self.descriptor.size)
            )
        }
        #expect(try await scratch.store.lease(Self.descriptor, diffID: diffID).need == .nothing)
    }

    @Test("take bytes from a queue that a task fills")
    func queue() async throws {
        let scratch = try Scratch()
        let lease = try await scratch.store.lease(Self.descriptor, diffID: .of(Self.tar))
        let queue = ChunkQueue(capacity: 10_000)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await onOwnThread { () throws(any Error) -> Void in
                    defer { queue.close() }
                    try lease.complete(from: queue)
                }
            }
            for start in stride(from: 0, to: Self.tar.count, by: 4096) {
                try await queue.send(Array(Self.tar[start..<min(start + 4096, Self.tar.count)]))
            }
            queue.finish()
            try await group.waitForAll()
        }
        #expect(lease.need == .nothing)
    }

    @Test("tell the sender when the reader gives up")
    func closed() async throws {
        let scratch = try Scratch()
        var descriptor = Self.descriptor
        descriptor.size = 1000
        let lease = try await scratch.store.lease(descriptor, diffID: .of(Self.tar))
        let queue = ChunkQueue(capacity: 10_000)
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: ImageStoreError.self) {
                    try await onOwnThread { () throws(any Error) -> Void in
                        defer { queue.close() }
                        try lease.complete(from: queue)
                    }
                }
            }
            await #expect(throws: ChunkQueue.Closed.self) {
                while true { try await queue.send([UInt8](repeating: 1, count: 4096)) }
            }
        }
    }
}
