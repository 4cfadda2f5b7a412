import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// Archives that must be refused with a clear word, leaving nothing.
@Suite("Hostile archives", .tags(.root), .enabled(if: isRoot, "needs root"))
struct HostileArchiveTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Loads, expects to be refused with some words, and that nothing is left.
    private func refuses(
        _ words: String,
        _ bytes: [UInt8],
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        do {
            try await scratch.load(bytes)
            Issue.record("it was taken", sourceLocation: location)
        } catch {
            #expect("\(error)".contains(words), "\(error)", sourceLocation: location)
        }
        try scratch.expectEmpty(location)
        try scratch.expectCanary(location)
    }

    @Test("names that leave the archive", arguments: ["../canary", "a/../../canary"])
    func leaving(_ name: String) async throws {
        try await refuses("\"..\" would leave", try TestArchive.layout().tar { $0.file(name) })
    }

    @Test("links that leave the archive", arguments: ["/etc/passwd", "../../canary", ""])
    func links(_ target: String) async throws {
        let tar = try TestArchive.layout().tar { $0.link("aa/layer.tar", to: target) }
        try await refuses("a link that leads out of the archive", tar)
    }

    @Test("links that lead to each other")
    func circle() async throws {
        let tar = TestTar { tar in
            tar.link("manifest.json", to: "b")
            tar.link("b", to: "manifest.json")
        }
        try await refuses("lead to each other", tar.finished)
    }

    @Test("a blob that is a link")
    func linkedBlob() async throws {
        let name = "blobs/sha256/\(String(repeating: "a", count: 64))"
        let tar = try TestArchive.layout().tar { $0.link(name, to: "../../index.json") }
        try await refuses("blobs have to be files", tar)
    }

    @Test("device nodes")
    func devices() async throws {
        let tar = try TestArchive.layout().tar {
            $0.add(.init(name: Array("null".utf8), type: "3", device: (1, 3)))
        }
        try await refuses("neither file, folder nor link", tar)
    }

    @Test("an entry that occurs twice")
    func twice() async throws {
        let tar = try TestArchive.layout().tar { $0.file("index.json", "{}") }
        try await refuses("occurs twice", tar)
    }

    @Test("a blob that is not what its name says")
    func wrongName() async throws {
        var archive = try TestArchive.layout()
        archive.files[4].bytes[0] ^= 1
        try await refuses("wrong digest", archive.tar())
    }

    @Test("a blob that is missing", arguments: [2, 3, 4])
    func missing(_ index: Int) async throws {
        var archive = try TestArchive.layout()
        archive.files.remove(at: index)
        try await refuses("not in the store", archive.tar())
    }

    @Test("a blob of another size than its manifest says")
    func wrongSize() async throws {
        let archive = try TestArchive.layout { $0.layers[0].size += 1 }
        try await refuses("ended after", archive.tar())
    }

    @Test("a layer that is not what the configuration says")
    func wrongDiffID() async throws {
        let archive = try TestArchive.layout(plain: [1, 2, 3])
        try await refuses("the image promises", archive.tar())
    }

    @Test("fewer layers than the configuration says")
    func layerCount() async throws {
        let archive = try TestArchive.layout { $0.layers = [] }
        try await refuses("lists 0 layers, its configuration 1", archive.tar())
    }

    @Test("an archive that was cut", arguments: [1, 700, 3000, 5000])
    func cut(_ count: Int) async throws {
        let whole = try TestArchive.layout().tar()
        do {
            try await scratch.load(Array(whole.prefix(whole.count - 1024 - count)))
            Issue.record("it was taken")
        } catch {}
        try scratch.expectEmpty()
    }

    @Test("a source that fails in the middle")
    func interrupted() throws {
        let whole = try TestArchive.layout().tar()
        #expect(throws: BytesSource.Cut.self) {
            try scratch.store.readArchive(
                .stream(BytesSource(whole, cutAfter: 4000), name: "archive")
            )
        }
        try scratch.expectEmpty()
    }

    @Test("an index that is too large")
    func hugeIndex() async throws {
        var archive = try TestArchive.layout()
        archive.files[1].bytes += [UInt8](repeating: 0x20, count: 5 << 20)
        try await refuses("larger than", archive.tar())
    }

    @Test("indexes of indexes without end")
    func nested() async throws {
        var archive = try TestArchive.layout()
        var bytes = archive.files[1].bytes
        for _ in 0..<10 {
            let entry = Descriptor(mediaType: MediaType.ociIndex, of: bytes)
            archive.add(bytes)
            bytes = try OCIJSON.encode(ImageIndex(manifests: [entry]))
        }
        archive.files[1].bytes = bytes
        try await refuses("nested too deeply", archive.tar())
    }

    @Test("no images at all")
    func empty() async throws {
        try await refuses("it is empty", [])
        try await refuses("it is empty", TestTar().finished)
        try await refuses("it holds no images", TestTar { $0.file("readme", "hi") }.finished)
        try await refuses("before 1.10", TestTar { $0.file("repositories", "{}") }.finished)
        try await refuses("no tar archive", Array("this is no archive".utf8))
    }

    @Test("the form of Docker before 1.10, with what to do", arguments: [true, false])
    func firstForm(hasRepositories: Bool) async throws {
        let id = String(repeating: "a", count: 64)
        let tar = TestTar { tar in
            tar.folder(id)
            tar.file("\(id)/VERSION", "1.0")
            tar.file("\(id)/json", "{}")
            tar.file("\(id)/layer.tar")
            if hasRepositories { tar.file("repositories", "{}") }
        }
        try await refuses("load it with a Docker from 1.10", tar.finished)
    }

    @Test("an artifact that is no image")
    func artifact() async throws {
        let archive = try TestArchive.layout {
            $0.config.mediaType = "application/vnd.cncf.helm.config.v1+json"
        }
        try await refuses("artifact", archive.tar())
    }

    @Test("absolute names")
    func absolute() async throws {
        let tar = try TestArchive.layout().tar { $0.file("/etc/passwd", "root::0:0") }
        try await refuses("its name is absolute", tar)
    }

    @Test("a link to a name outside that is written as a hard link")
    func hardLinks() async throws {
        let tar = TestTar { $0.hardLink("manifest.json", to: "/etc/passwd") }
        try await refuses("it holds no images", tar.finished)
        let up = TestTar { $0.hardLink("manifest.json", to: "../canary") }
        try await refuses("\"..\" would leave", up.finished)
    }

    @Test("a blob that is named twice, though both are what the name says")
    func blobTwice() async throws {
        let archive = try TestArchive.layout()
        let blob = archive.files[4]
        let tar = archive.tar { tar in
            tar.add(.init(name: Array("./\(blob.path)".utf8), type: "0", content: blob.bytes))
        }
        try await refuses("occurs twice", tar)
    }

    @Test("files with holes")
    func sparse() async throws {
        let pax =
            [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]
            + [("GNU.sparse.realsize", "1099511627776"), ("GNU.sparse.name", "index.json")]
        let map = Array("0\n".utf8) + [UInt8](repeating: 0, count: 510)
        let tar = TestTar { tar in
            tar.add(
                .init(
                    name: Array("GNUSparseFile.0/index.json".utf8),
                    type: "0",
                    content: map,
                    pax: pax.map { ($0.0, Array($0.1.utf8)) }
                )
            )
        }
        try await refuses("stored with holes", tar.finished)
    }

    @Test("a manifest.json that is too large, and one that is no JSON")
    func manifests() async throws {
        let huge = [UInt8](repeating: 0x20, count: 9 << 20)
        try await refuses("larger than", TestArchive(files: [("manifest.json", huge)]).tar())
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
        try await refuses("manifest.json", TestArchive(files: [("manifest.json", deep)]).tar())
    }

    @Test("a file that says it is larger than the disk, before a byte of it is written")
    func tooLarge() async throws {
        let size: [UInt8] = [0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0]
        let tar = TestTar { tar in
            let name = Array("manifest.json".utf8)
            tar.add(.init(name: name, type: "0", patches: [(124, size)]))
        }
        try await refuses("bytes that it may take", tar.finished)
    }

    @Test("entries without end, and names without end")
    func endless() throws {
        let folder = TestTar { $0.folder("a") }.bytes
        let error = #expect(throws: ImageStoreError.self) {
            try scratch.store.readArchive(.stream(RepeatedSource(folder), name: "archive"))
        }
        #expect(error?.description.contains("more than 100000 entries") == true)
        let names = TestTar { tar in
            for number in 0..<4200 {
                let name = Array("\(number)".utf8) + [UInt8](repeating: 0x61, count: 4000)
                tar.add(
                    .init(
                        name: [0x61],
                        type: "2",
                        target: [0x62],
                        pax: [(key: "path", value: name)]
                    )
                )
            }
        }
        let second = #expect(throws: ImageStoreError.self) {
            try scratch.store.readArchive(
                .stream(BytesSource(names.finished), name: "archive")
            )
        }
        #expect(second?.description.contains("too much memory") == true)
        try scratch.expectEmpty()
    }

    @Test("extended headers without end")
    func extended() throws {
        let header = TestTar { tar in
            tar.add(.init(name: [0x61], type: "x", content: TestTar.record("comment", [0x62])))
        }
        let error = #expect(throws: ImageStoreError.self) {
            try scratch.store.readArchive(.stream(RepeatedSource(header.bytes), name: "archive"))
        }
        #expect(error?.description.contains("without end") == true)
        try scratch.expectEmpty()
    }

    @Test(
        "a compressed archive that was cut or damaged",
        arguments: ["gzip", "bzip2", "xz", "zstd"]
    )
    func damaged(_ program: String) async throws {
        let whole = try compressed(try TestArchive.layout().tar(), with: program)
        var wrong = whole
        wrong[whole.count / 2] ^= 0x55
        for bytes in [Array(whole.prefix(whole.count / 2)), wrong] {
            await #expect(throws: ImageStoreError.self) { try await scratch.load(bytes) }
            try scratch.expectEmpty()
        }
    }

    @Test("what follows the end is not waited for for ever")
    func trailer() throws {
        let source = RepeatedSource(try TestArchive.layout().tar(), then: [0])
        let images = try scratch.store.readArchive(.stream(source, name: "archive"))
        #expect(images.count == 1)
    }

    @Test("an unpacked layout whose blob is a link to a file of the host")
    func linkedFolder() throws {
        let folder = scratch.path.appending("layout")
        let archive = try TestArchive.layout()
        for file in archive.files.dropLast() {
            let path = folder.pushing(FilePath(file.path))
            try makeDirectories(path.removingLastComponent())
            try atomicWrite(file.bytes, to: path)
        }
        let blob = folder.pushing(FilePath(archive.files[4].path))
        #expect(symlink("/etc/passwd", blob.string) == 0)
        let error = #expect(throws: ImageStoreError.self) {
            try scratch.store.readArchive(.folder(folder))
        }
        #expect(error?.description.contains("it is a link") == true)
        try scratch.expectEmpty()
    }
}
