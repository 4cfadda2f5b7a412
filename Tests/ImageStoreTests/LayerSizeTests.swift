import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("The size of a layer", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct LayerSizeTests {
    /// Ten bytes in files, one of them under two names, and four in a link.
    private static let tar = TestTar { tar in
        tar.folder("dir")
        tar.file("dir/file", "0123456")
        tar.hardLink("hard", to: "dir/file")
        tar.file("other", "789")
        tar.link("soft", to: "hard")
    }.finished

    @Test("is what its files hold, counted while it is unpacked as afterwards")
    func unpacked() async throws {
        let scratch = try Scratch()
        let layer = try await scratch.add(Self.tar, tar: Self.tar)
        #expect(try scratch.store.layerRecord(layer).contentBytes == 14)
        #expect(try scratch.store.contentBytes(of: layer) == 14)
        #expect(FolderSize.bytes(below: scratch.store.layerPath(layer)) == 14)
    }

    @Test("is the same for a layer that a build made, or that was recorded without one")
    func adopted() throws {
        let scratch = try Scratch()
        let upper = scratch.path.appending("upper")
        try makeDirectories(upper.appending("dir"), mode: 0o755)
        try atomicWrite(Array("0123456".utf8), to: upper.appending("dir/file"))
        try atomicWrite(Array("789".utf8), to: upper.appending("other"))
        upper.appending("dir/file").withPlatformString { from in
            upper.appending("hard").withPlatformString { _ = link(from, $0) }
        }
        upper.appending("soft").withPlatformString { _ = symlink("hard", $0) }
        upper.appending("gone").withPlatformString { _ = mknod($0, S_IFCHR, 0) }
        let (layer, size) = try scratch.store.adoptLayer(upper)
        #expect(try scratch.store.contentBytes(of: layer) == 14)
        let old = LayerRecord(size: size, isCanonical: true, isRootOpaque: false)
        let record = scratch.store.layerFolder(layer).appending("record")
        try atomicWrite(try OCIJSON.encode(old), to: record)
        #expect(try scratch.store.layerRecord(layer).contentBytes == nil)
        #expect(try scratch.store.contentBytes(of: layer) == 14)
    }
}
