import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("The store", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct StoreTests {
    @Test("keeps small blobs and notices when one was changed")
    func blobs() throws {
        let scratch = try Scratch()
        let digest = try scratch.store.writeBlob([1, 2, 3])
        #expect(try scratch.store.writeBlob([1, 2, 3]) == digest)
        #expect(scratch.store.hasBlob(digest))
        #expect(try scratch.store.readBlob(digest) == [1, 2, 3])
        #expect(scratch.store.blobSize(digest) == 3)
        #expect(throws: ImageStoreError.self) { try scratch.store.readBlob(digest, limit: 2) }
        #expect(throws: ImageStoreError.self) { try scratch.store.readBlob(.of([9])) }
        try atomicWrite([1, 2, 4], to: scratch.store.blobPath(digest))
        #expect(throws: ImageStoreError.self) { try scratch.store.readBlob(digest) }
    }

    @Test("removes what nobody needs, never while somebody pulls")
    func garbage() async throws {
        let scratch = try Scratch()
        let kept = try await scratch.add(TestTar { $0.file("kept") }.finished)
        let lost = try await scratch.add(TestTar { $0.file("lost") }.finished)
        let config = try scratch.store.writeBlob([1])
        _ = try scratch.store.lowerDirectories(for: [kept, lost])
        let lower = try scratch.store.lowerDirectories(for: [kept])
        let roots = StoreRoots(blobs: [config], layers: [kept])
        do {
            let hold = try await scratch.store.hold()
            #expect(try scratch.store.collectGarbage { roots } == nil)
            withExtendedLifetime(hold) {}
        }
        let reclaimed = try #require(try scratch.store.collectGarbage { roots })
        #expect(reclaimed.layers == [lost])
        #expect(reclaimed.blobs.count == 2)
        #expect(try scratch.store.storedLayers() == [kept])
        #expect(try scratch.store.storedBlobs() == [config])
        #expect(try scratch.store.lowerDirectories(for: [kept]) == lower)
        #expect(try scratch.store.folderEntries(scratch.store.stacks).count == 1)
    }
}

@Suite("Stacks of layers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct StackTests {
    private func layer(_ scratch: Scratch, _ body: (inout TestTar) -> Void) async throws -> Digest {
        try await scratch.add(TestTar(body).finished)
    }

    @Test("list directories from the top, each once")
    func order() async throws {
        let scratch = try Scratch()
        let a = try await layer(scratch) { $0.file("a") }
        let b = try await layer(scratch) { $0.file("b") }
        let paths = [a, b].map { scratch.store.layerPath($0) }
        #expect(try scratch.store.lowerDirectories(for: []) == [])
        #expect(try scratch.store.lowerDirectories(for: [a, b]) == [paths[1], paths[0]])
        #expect(try scratch.store.lowerDirectories(for: [a, b, a]) == [paths[0], paths[1]])
    }

    @Test("end at a layer that hides everything")
    func opaqueRoot() async throws {
        let scratch = try Scratch()
        let a = try await layer(scratch) { $0.file("a") }
        let b = try await layer(scratch) { tar in
            tar.file(".wh..wh..opq")
            tar.file("b")
        }
        #expect(try scratch.store.lowerDirectories(for: [a, b]) == [scratch.store.layerPath(b)])
    }

    @Test("give directories that a layer only fills the metadata from below")
    func corrections() async throws {
        let scratch = try Scratch()
        let base = try await layer(scratch) { tar in
            tar.folder("tmp", mode: 0o1777)
            tar.add(.init(name: Array("srv/".utf8), type: "5", mode: 0o2750, owner: 7, group: 8))
            tar.folder("srv/deep", mode: 0o700)
            tar.folder("gone", mode: 0o700)
            tar.folder("same")
        }
        let middle = try await layer(scratch) { $0.file(".wh.gone") }
        let top = try await layer(scratch) { tar in
            tar.folder("")
            tar.file("tmp/file")
            tar.file("srv/deep/file")
            tar.file("gone/file")
            tar.file("same/file")
            tar.file("new/file")
        }
        let paths = try scratch.store.lowerDirectories(for: [base, middle, top])
        #expect(paths.count == 4)
        let corrections = try #require(paths.first)
        #expect(status(corrections.appending("tmp"))?.st_mode == S_IFDIR | 0o1777)
        let served = try #require(status(corrections.appending("srv")))
        #expect(served.st_mode == S_IFDIR | 0o2750)
        #expect((served.st_uid, served.st_gid) == (7, 8))
        #expect(status(corrections.appending("srv/deep"))?.st_mode == S_IFDIR | 0o700)
        #expect(try scratch.store.folderEntries(corrections).sorted() == ["same", "srv", "tmp"])
        #expect(try scratch.store.lowerDirectories(for: [base, middle, top]) == paths)
    }

    @Test("show the times that the highest layer gives which describes a directory")
    func times() async throws {
        let scratch = try Scratch()
        func described(_ time: Int) -> (inout TestTar) -> Void {
            { tar in
                tar.add(.init(name: Array("./".utf8), type: "5", mode: 0o755, modified: time))
                tar.add(.init(name: Array("a/".utf8), type: "5", mode: 0o755, modified: time + 1))
                tar.file("\(time)")
            }
        }
        var layers = [try await layer(scratch, described(1000))]
        layers.append(try await layer(scratch, described(2000)))
        for number in 0..<4 {
            layers.append(try await layer(scratch) { $0.file("a/\(number)") })
        }
        let paths = try scratch.store.lowerDirectories(for: layers)
        #expect(paths.count == 7)
        let top = try #require(paths.first)
        #expect(status(top)?.st_mtim.tv_sec == 2000)
        #expect(status(top.appending("a"))?.st_mtim.tv_sec == 2001)
    }

    @Test("that somebody left half removed are made again")
    func half() async throws {
        let scratch = try Scratch()
        let base = try await layer(scratch) { $0.folder("tmp", mode: 0o1777) }
        let top = try await layer(scratch) { $0.file("tmp/file") }
        let paths = try scratch.store.lowerDirectories(for: [base, top])
        let corrections = try #require(paths.first)
        try removeTree(corrections.removingLastComponent().appending("record"))
        try removeTree(corrections.appending("tmp"))
        #expect(try scratch.store.lowerDirectories(for: [base, top]) == paths)
        #expect(status(corrections.appending("tmp"))?.st_mode == S_IFDIR | 0o1777)
        #expect(try scratch.store.folderEntries(scratch.store.staging) == ["store.lock"])
    }
}
