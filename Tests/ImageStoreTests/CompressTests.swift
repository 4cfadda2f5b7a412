import Foundation
import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("Compressing layers", .timeLimit(.minutes(1)))
struct CompressTests {
    /// Bytes that compress a little, of every length that could be an edge.
    private static func sample(_ count: Int) -> [UInt8] {
        var state: UInt32 = 7
        return (0..<count).map { index in
            state = state &* 1_664_525 &+ 1_013_904_223
            return index % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 24) : 0x61
        }
    }

    @Test("gives gzip that gzip reads", arguments: [0, 1, 511, 256 << 10, 3_000_001])
    func roundTrip(count: Int) throws {
        let plain = Self.sample(count)
        var blob: [UInt8] = []
        let encoder = GzipEncoder(subject: "test") { blob.append(contentsOf: $0) }
        var rest = plain[...]
        while !rest.isEmpty {
            try Array(rest.prefix(70_001)).withUnsafeBytes { try encoder.write($0) }
            rest = rest.dropFirst(70_001)
        }
        try encoder.finish()
        #expect(blob.starts(with: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))
        #expect(try Self.unpacked(blob) == plain)
    }

    private static func unpacked(_ blob: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let writer = Thread {
            input.fileHandleForWriting.write(Data(blob))
            try? input.fileHandleForWriting.close()  // Its reader has ended already.
        }
        writer.start()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return [UInt8](bytes)
    }

    private func makeLayer(in scratch: Scratch) throws -> (diffID: Digest, size: Int64) {
        let upper = scratch.path.appending("upper")
        try makeDirectories(upper.appending("dir"), mode: 0o755)
        try atomicWrite(Self.sample(700_000), to: upper.appending("dir/large"), mode: 0o644)
        try atomicWrite(Array("small".utf8), to: upper.appending("small"), mode: 0o644)
        return try scratch.store.adoptLayer(upper)
    }

    @Test("keeps a blob that unpacks to the layer, the same each time", .enabled(if: isRoot))
    func blob() async throws {
        let scratch = try Scratch()
        let (diffID, size) = try makeLayer(in: scratch)
        let steps = Mutex<[Int64]>([])
        let first = try scratch.store.compressLayer(diffID) { passed in
            steps.withLock { $0.append(passed) }
        }
        #expect(first.mediaType == MediaType.ociLayerGzip)
        #expect(first.size < size)
        #expect(steps.withLock { $0 } == steps.withLock { $0.sorted() })
        #expect(steps.withLock { $0.last } == size)
        let bytes = try scratch.store.readBlob(first.digest)
        #expect(Int64(bytes.count) == first.size)
        #expect(Digest.of(try Self.unpacked(bytes)) == diffID)
        #expect(try scratch.store.compressLayer(diffID) == first)
        #expect(try scratch.store.folderEntries(scratch.store.staging) == [])

        // Another machine takes it.
        let other = try Scratch()
        #expect(try await other.add(bytes, descriptor: first, diffID: diffID) == diffID)
    }

    @Test("leaves nothing when the layer is not what it was, or is given up", .enabled(if: isRoot))
    func changed() throws {
        let scratch = try Scratch()
        let (diffID, _) = try makeLayer(in: scratch)
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            try scratch.store.compressLayer(diffID) { _ in throw Enough() }
        }
        try atomicWrite([1], to: scratch.file("small", of: diffID), mode: 0o644)
        #expect(throws: ImageStoreError.self) { try scratch.store.compressLayer(diffID) }
        #expect(try scratch.store.storedBlobs() == [])
        #expect(try scratch.store.folderEntries(scratch.store.staging) == [])
    }

    @Test("refuses a layer that came in a blob", .enabled(if: isRoot))
    func pulled() async throws {
        let scratch = try Scratch()
        var tar = TestTar()
        tar.file("file", "content")
        let diffID = try await scratch.add(tar.finished)
        #expect(throws: ImageStoreError.self) { try scratch.store.compressLayer(diffID) }
    }
}
