import OCI
import Testing
import TestSupport

@testable import ImageStore

@Suite("Bombs", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct BombTests {
    private static let zeros = TestTar { tar in
        let content = [UInt8](repeating: 0, count: 20 << 20)
        tar.add(.init(name: Array("zeros".utf8), type: "0", content: content))
    }.finished

    private func expectRefusal(
        _ blob: [UInt8],
        _ words: String,
        limits: UnpackLimits = UnpackLimits(),
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let scratch = try Scratch(unpacking: Tester.confined)
        let error = await #expect(throws: ImageStoreError.self, sourceLocation: location) {
            try await scratch.add(blob, tar: [], limits: limits)
        }
        #expect(
            error?.description.contains(words) == true,
            "\(String(describing: error))",
            sourceLocation: location
        )
        try scratch.expectEmpty(location)
    }

    @Test("larger than the limits are refused", arguments: ["gzip", "zstd", "bzip2", "xz"])
    func size(program: String) async throws {
        let blob = try compressed(Self.zeros, with: program)
        #expect(blob.count < 40_000)
        try await expectRefusal(
            blob,
            "its files have more than 1048576 bytes",
            limits: UnpackLimits(bytes: 1 << 20)
        )
        try await expectRefusal(
            blob,
            "100 times its compressed size",
            limits: UnpackLimits(ratio: 100, freeBytes: 2 << 20)
        )
    }

    @Test("that follow the archive's end are refused")
    func trailing() async throws {
        let tar = TestTar { $0.file("x") }.finished
        let blob = try compressed(tar + [UInt8](repeating: 0, count: 4 << 20), with: "gzip")
        let limits = UnpackLimits(bytes: 1 << 20)
        try await expectRefusal(
            blob,
            "its plain contents have more than 1048576 bytes",
            limits: limits
        )
    }

    @Test("of many gzip members are refused")
    func members() async throws {
        let member = try compressed([UInt8](repeating: 0, count: 1 << 16), with: "gzip")
        let tar = TestTar { tar in
            tar.add(.init(name: Array("x".utf8), type: "0", size: 1 << 30))
        }.bytes
        let head = try compressed(tar, with: "gzip")
        let blob = head + Array(repeatElement(member, count: 100).joined())
        let limits = UnpackLimits(ratio: 50, freeBytes: 1 << 20)
        try await expectRefusal(blob, "50 times its compressed size", limits: limits)
    }

    @Test("of entries are refused, also of those that are only implied")
    func entries() async throws {
        let many = TestTar { tar in for index in 0..<200 { tar.file("\(index)") } }.finished
        let limits = UnpackLimits(entries: 100)
        try await expectRefusal(many, "more than 100 entries", limits: limits)
        let deep = TestTar { tar in
            for index in 0..<20 { tar.file("\(index)/a/b/c/d/e/f") }
        }.finished
        try await expectRefusal(deep, "more than 100 entries", limits: limits)
    }

    @Test("of a zstd window that takes 2 GiB are refused")
    func window() async throws {
        // Magic, no content size, window descriptor 2^31, one raw block of a byte.
        let blob: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0x00, 0x00, 0x00]
        try await expectRefusal(blob, "memory")
    }

    @Test("of an xz dictionary that takes 4 GiB are refused")
    func dictionary() async throws {
        var blob = try compressed(TestTar { $0.file("x") }.finished, with: "xz")
        // The block header follows the stream header of 12 bytes: its size, flags, the filter, the
        // size of its properties, the dictionary's size, padding, a checksum.
        #expect(blob[14...15] == [0x21, 0x01])
        blob[16] = 40
        let size = (Int(blob[12]) + 1) * 4
        let sum = checksum(blob[12..<12 + size - 4])
        for index in 0..<4 {
            blob[12 + size - 4 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
        }
        try await expectRefusal(blob, "bytes of memory")
    }

    /// CRC-32.
    private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xedb8_8320 : sum >> 1 }
        }
        return ~sum
    }

    @Test("are not what only has very many files")
    func million() async throws {
        let tar = TestTar { tar in
            for folder in 0..<200 {
                tar.folder("\(folder)")
                for index in 0..<100 { tar.file("\(folder)/\(index)") }
            }
        }.finished
        let scratch = try Scratch(on: fileSystems.last ?? "/tmp", unpacking: Tester.confined)
        let layer = try await scratch.add(compressed(tar, with: "zstd"), tar: tar)
        #expect(try scratch.store.folderEntries(scratch.store.layerPath(layer)).count == 200)
    }
}
