import TestSupport
import Testing

@testable import Builder

/// Digests of files, as they lie on the disk.
@Suite("table of digests")
struct DigestTableTests {
    private static func key(_ device: UInt64, _ inode: UInt64) -> DigestTable.Key {
        DigestTable.Key(device: device, inode: inode, size: 300, seconds: 1, nanoseconds: 2)
    }

    private static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    /// Keys whose order as numbers is not that of their least significant bytes.
    private static let all: [DigestTable.Key: [UInt8]] = [
        key(1, 0x0100): digest(1), key(1, 0x00ff): digest(2), key(0x0200, 1): digest(3),
        key(.max, 0): digest(4), key(0, .max): digest(5),
    ]

    private func found(_ table: DigestTable) -> [DigestTable.Key: [UInt8]] {
        var result: [DigestTable.Key: [UInt8]] = [:]
        for key in Self.all.keys {
            if let index = table.index(of: key) { result[key] = Array(table.digest(at: index)) }
        }
        return result
    }

    @Test("what was written is found again, and nothing else")
    func written() {
        let table = DigestTable(DigestTable().bytes(with: Self.all) { _ in true }[...])
        #expect(table.count == Self.all.count)
        #expect(found(table) == Self.all)
        #expect(table.index(of: Self.key(2, 0x0100)) == nil)
        #expect(DigestTable().index(of: Self.key(1, 1)) == nil)
    }

    @Test("others are put between those that are there, wherever they belong")
    func merged() {
        for split in 0...Self.all.count {
            let sorted = Self.all.sorted { $0.value[0] < $1.value[0] }
            let first = Dictionary(uniqueKeysWithValues: sorted[..<split].map { ($0, $1) })
            let rest = Dictionary(uniqueKeysWithValues: sorted[split...].map { ($0, $1) })
            let one = DigestTable(DigestTable().bytes(with: first) { _ in true }[...])
            let both = DigestTable(one.bytes(with: rest) { _ in true }[...])
            #expect(found(both) == Self.all)
        }
    }

    @Test("what is not kept is gone, and half a record counts as none")
    func less() throws {
        let table = DigestTable(DigestTable().bytes(with: Self.all) { _ in true }[...])
        let kept = try #require(table.index(of: Self.key(1, 0x00ff)))
        let bytes = table.bytes(with: [:]) { $0 == kept }
        #expect(found(DigestTable(bytes[...])) == [Self.key(1, 0x00ff): Self.digest(2)])
        #expect(DigestTable(bytes.dropLast()).count == 0)
    }
}
