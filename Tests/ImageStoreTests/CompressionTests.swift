import OCI
import Testing
import TestSupport

@testable import ImageStore

@Suite("Compressed layers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct CompressionTests {
    /// About a megabyte that compresses somewhat.
    static let tar = TestTar { tar in
        for index in 0..<200 {
            let line = "line \(index) of \(index &* 2_654_435_761)\n"
            tar.file("file-\(index)", String(repeating: line, count: 250))
        }
    }.finished

    @Test("are unpacked whatever they are declared as", arguments: ["gzip", "zstd", "bzip2", "xz"])
    func compression(program: String) async throws {
        let scratch = try Scratch()
        let blob = try compressed(Self.tar, with: program)
        let layer = try await scratch.add(blob, tar: Self.tar)
        #expect(try scratch.store.folderEntries(scratch.store.layerPath(layer)).count == 200)
        #expect(try scratch.store.layerRecord(layer).size == Int64(Self.tar.count))
        #expect(try scratch.store.readBlob(.of(blob)) == blob)
    }

    @Test("of several gzip members are one, and what follows them is nothing")
    func members() async throws {
        let scratch = try Scratch()
        let half = Self.tar.count / 2 + 77
        let blob =
            try compressed(Array(Self.tar[..<half]), with: "gzip")
            + compressed([], with: "gzip") + compressed(Array(Self.tar[half...]), with: "gzip")
        let layer = try await scratch.add(blob, tar: Self.tar)
        #expect(scratch.store.hasLayer(layer))
        let other = try Scratch()
        try await other.add(blob + [0, 0, 0, 0, 1], tar: Self.tar)
        #expect(other.store.hasLayer(layer))
    }

    @Test("may come in several streams", arguments: ["zstd", "xz", "bzip2"])
    func streams(program: String) async throws {
        let scratch = try Scratch()
        let half = Self.tar.count / 2 + 77
        let blob =
            try compressed(Array(Self.tar[..<half]), with: program)
            + compressed(Array(Self.tar[half...]), with: program)
        #expect(scratch.store.hasLayer(try await scratch.add(blob, tar: Self.tar)))
    }

    @Test("by zstd may have frames that carry notes, as zstd:chunked has")
    func skippableFrames() async throws {
        let note: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0] + Array("notes".utf8)
        let blob = try compressed(Self.tar, with: "zstd")
        for chunked in [note + blob, blob + note, note + blob + note] {
            let scratch = try Scratch()
            #expect(scratch.store.hasLayer(try await scratch.add(chunked, tar: Self.tar)))
        }
    }

    @Test("that are damaged are refused", arguments: ["gzip", "zstd", "bzip2", "xz"])
    func damaged(program: String) async throws {
        let scratch = try Scratch()
        let blob = try compressed(Self.tar, with: program)
        var flipped = blob
        flipped[blob.count / 2] ^= 0x55
        for wrong in [Array(blob.dropLast(100)), flipped, Array(blob.prefix(3))] {
            await #expect(throws: ImageStoreError.self) {
                try await scratch.add(wrong, tar: Self.tar)
            }
            try scratch.expectEmpty()
        }
    }
}
