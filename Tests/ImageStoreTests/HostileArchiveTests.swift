import Glibc
import Linux
import OCI
import SystemPackage
import Testing

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
        try await refuses("nrecognized archive", Array("this is no archive".utf8))
    }

    @Test("an artifact that is no image")
    func artifact() async throws {
        let archive = try TestArchive.layout {
            $0.config.mediaType = "application/vnd.cncf.helm.config.v1+json"
        }
        try await refuses("artifact", archive.tar())
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
