import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("root: what killed commands left", .tags(.root), .enabled(if: isRoot))
struct RemainsTests {
    let scratch: Scratch
    var store: ImageStore { scratch.store }
    private let digest = Digest.of(Array("a layer".utf8))

    init() throws { scratch = try Scratch() }

    /// Something of every kind; gives what counts as left over, sorted.
    private func leave() throws -> [FilePath] {
        let folders = ["adopted-1/fs", "\(digest.hex).layer/fs", "stack-1"]
        for folder in folders {
            try makeDirectories(store.staging.appending(folder))
            let file = store.staging.appending(folder).appending("file")
            try atomicWrite([1, 2, 3], to: file)
        }
        for name in ["spool-1", "compressed-1", "\(digest.hex).lock", "\(digest.hex).blob"] {
            try atomicWrite([UInt8](repeating: 1, count: 1000), to: store.staging.appending(name))
        }
        let half = store.blobs.appending(".\(digest.hex).abc.tmp")
        try atomicWrite([UInt8](repeating: 1, count: 500), to: half)
        let names = ["\(digest.hex).layer", "adopted-1", "compressed-1", "spool-1", "stack-1"]
        return names.sorted().map { store.staging.appending($0) } + [half]
    }

    @Test("is listed, and goes when the next one begins; the beginning of a blob stays")
    func next() async throws {
        #expect(try store.remains() == [])
        let left = try leave()
        #expect(try store.remains() == left)
        let hold = try await store.hold()
        #expect(
            try store.folderEntries(store.staging).sorted()
                == ["\(digest.hex).blob", "store.lock"].sorted()
        )
        #expect(try store.folderEntries(store.blobs) == [])
        withExtendedLifetime(hold) {}
    }

    @Test("is nobody's to touch while somebody works")
    func beside() async throws {
        let hold = try await store.hold()
        let left = try leave()
        #expect(try store.remains() == [])
        #expect(try store.removeRemains() == [])
        let second = try await store.hold()
        for path in left { #expect(status(path) != nil, "\(path)") }
        withExtendedLifetime((hold, second)) {}
    }

    @Test("is in the bytes that a collection would reclaim, and reclaims")
    func counted() async throws {
        _ = try leave()
        let bytes: Int64 = 3 * 3 + 4 * 1000 + 500
        #expect(try store.unneeded(keeping: StoreRoots()).bytes == bytes)
        #expect(try store.collectGarbage { StoreRoots() }?.bytes == bytes)
        #expect(try store.folderEntries(store.staging) == ["store.lock"])
        #expect(try store.folderEntries(store.blobs) == [])
        #expect(try store.unneeded(keeping: StoreRoots()).bytes == 0)
    }
}
