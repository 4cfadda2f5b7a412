import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("Layers from a tar", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct AddLayerTests {
    let scratch: Scratch
    var store: ImageStore { scratch.store }
    init() throws { scratch = try Scratch() }

    private func add(_ tar: [UInt8]) async throws -> Descriptor {
        try await store.addLayer(try store.stage(BytesSource(tar), subject: "tar"))
    }

    @Test("that can be made again are on the disk once")
    func canonical() async throws {
        let upper = scratch.path.appending("upper")
        try makeDirectories(upper.appending("a/b"), mode: 0o755)
        let content = [UInt8](repeating: 0x61, count: 100_000)
        try atomicWrite(content, to: upper.appending("a/b/file"))
        #expect(symlink("b/file", upper.appending("a/link").string) == 0)
        #expect(link(upper.appending("a/b/file").string, upper.appending("hard").string) == 0)
        #expect(mknod(upper.appending("gone").string, S_IFCHR, 0) == 0)
        let staged = try store.stageTar(of: upper)
        let diffID = staged.digest
        let layer = try await store.addLayer(staged)
        #expect(layer.digest == diffID && layer.mediaType == MediaType.ociLayer)
        #expect(try store.storedBlobs() == [])
        #expect(status(scratch.file("gone", of: diffID))?.st_rdev == 0)
        var hash = SHA256()
        #expect(try store.writeTar(of: diffID) { hash.update($0) } == layer.size)
        #expect(hash.finish() == diffID)
        let blob = try store.compressLayer(diffID)
        #expect(store.hasBlob(blob.digest))
    }

    @Test("of somebody else's making are kept compressed beside the files")
    func foreign() async throws {
        let text = String(repeating: "content ", count: 10_000)
        // Its folder is only implied, and its names are in no order.
        let tar = TestTar { tar in
            tar.file("z/file", text)
            tar.file("a", text)
        }.finished
        let layer = try await add(tar)
        #expect(layer.mediaType == MediaType.ociLayerGzip)
        #expect(layer.size < tar.count / 10)
        #expect(try store.storedBlobs() == [layer.digest])
        #expect(try store.storedLayers() == [.of(tar)])
        #expect(try !store.layerRecord(.of(tar)).isCanonical)
        // The same again gives the same.
        #expect(try await add(tar) == layer)
        let other = try Scratch()
        let lease = try await other.store.lease(layer, diffID: .of(tar))
        try lease.complete(from: BytesSource(try store.readBlob(layer.digest)))
        #expect(try folderEntries(other.file("z", of: .of(tar))) == ["file"])
    }

    @Test("that are damaged leave nothing", arguments: [1, 600])
    func damaged(_ count: Int) async throws {
        let tar = TestTar { $0.file("file", String(repeating: "x", count: 2000)) }.bytes
        await #expect(throws: ImageStoreError.self) {
            _ = try await add(Array(tar.prefix(tar.count - count)))
        }
        #expect(try store.storedBlobs() == [])
        #expect(try store.storedLayers() == [])
        // The thread that had the tar may keep it for a moment.
        #expect(try store.collectGarbage { StoreRoots() } != nil)
        #expect(try store.folderEntries(store.staging) == ["store.lock"])
    }
}
