import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// An archive of images, as right or as wrong as a test wants it.
struct TestArchive {
    var files: [(path: String, bytes: [UInt8])] = []

    static let layer = TestTar { $0.file("etc/motd", "hello") }.finished

    /// An OCI layout with one image of one layer; `edit` changes its manifest.
    static func layout(
        layer: [UInt8] = layer,
        plain: [UInt8]? = nil,
        type: String = MediaType.ociLayer,
        name: String? = "docker.io/library/one:1",
        edit: (inout Manifest) -> Void = { _ in }
    ) throws -> TestArchive {
        var configuration = ImageConfiguration()
        configuration.diffIDs = [.of(plain ?? layer)]
        let config = try OCIJSON.encode(configuration)
        var manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: config),
            layers: [Descriptor(mediaType: type, of: layer)]
        )
        edit(&manifest)
        let document = try OCIJSON.encode(manifest)
        var entry = Descriptor(mediaType: MediaType.ociManifest, of: document)
        if let name { entry.annotations["io.containerd.image.name"] = name }
        var archive = TestArchive()
        archive.files = [
            ("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)),
            ("index.json", try OCIJSON.encode(ImageIndex(manifests: [entry]))),
        ]
        for bytes in [document, config, layer] { archive.add(bytes) }
        return archive
    }

    mutating func add(_ blob: [UInt8]) {
        files.append(("blobs/sha256/\(Digest.of(blob).hex)", blob))
    }

    func tar(_ edit: (inout TestTar) -> Void = { _ in }) -> [UInt8] {
        TestTar { tar in
            for file in files {
                tar.add(.init(name: Array(file.path.utf8), type: "0", content: file.bytes))
            }
            edit(&tar)
        }.finished
    }
}

extension Scratch {
    /// Reads an archive and brings its layers in, as `load` does.
    @discardableResult
    func load(_ bytes: [UInt8], platform: Platform? = nil) async throws -> [ArchivedImage] {
        let images = try store.readArchive(
            .stream(BytesSource(bytes), name: "archive"),
            platform: platform
        )
        for image in images {
            for layer in image.layers {
                try await store.bring(layer.blob, diffID: layer.diffID, from: layer.content)
            }
            try store.writeBlob(image.configurationBytes)
            try store.writeBlob(image.manifest)
        }
        return images
    }
}

@Suite("Archives of images", .tags(.root), .enabled(if: isRoot, "needs root"))
struct ArchiveTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func save(_ images: [ImageToSave]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try scratch.store.writeArchive(of: images) { bytes += $0 }
        return bytes
    }

    @Test("reads a layout, whatever the order of its files")
    func layout() async throws {
        let archive = try TestArchive.layout()
        for files in [archive.files, archive.files.reversed()] {
            let images = try await scratch.load(TestArchive(files: files).tar())
            let image = try #require(images.first)
            #expect(images.count == 1)
            #expect(image.names.map(\.familiar) == ["one:1"])
            let layer = try #require(image.configuration.diffIDs.first)
            #expect(
                try readFile(scratch.file("etc/motd", of: layer), limit: 9) == Array("hello".utf8)
            )
            #expect(scratch.store.hasBlob(layer))
        }
    }

    @Test("reads an archive that is compressed", arguments: ["gzip", "bzip2", "xz", "zstd"])
    func compression(_ program: String) async throws {
        let bytes = try compressed(try TestArchive.layout().tar(), with: program)
        #expect(try await scratch.load(bytes).count == 1)
    }

    @Test("reads what docker save wrote of old, with links between its folders")
    func dockerArchive() async throws {
        var configuration = ImageConfiguration()
        configuration.diffIDs = [.of(TestArchive.layer), .of(TestArchive.layer)]
        let config = try OCIJSON.encode(configuration)
        let name = "\(Digest.of(config).hex).json"
        let manifest = """
            [{"Config":"\(name)","RepoTags":["old:1","localhost:5000/old:2"],
              "Layers":["aa/layer.tar","bb/layer.tar"]}]
            """
        let tar = TestTar { tar in
            tar.folder("aa")
            tar.file("aa/VERSION", "1.0")
            tar.file("aa/json", "{}")
            tar.add(.init(name: Array("aa/layer.tar".utf8), type: "0", content: TestArchive.layer))
            tar.folder("bb")
            tar.link("bb/layer.tar", to: "../aa/layer.tar")
            tar.add(.init(name: Array(name.utf8), type: "0", content: config))
            tar.file("manifest.json", manifest)
            tar.file("repositories", #"{"old":{"1":"bb"}}"#)
        }
        let images = try await scratch.load(tar.finished)
        let image = try #require(images.first)
        #expect(image.id == .of(config))
        #expect(image.names.map(\.familiar) == ["old:1", "localhost:5000/old:2"])
        #expect(image.layers.count == 2)
        #expect(try scratch.store.storedLayers() == [.of(TestArchive.layer)])
    }

    @Test("reads what docker save writes since 25.0, and the docker half of it alone")
    func dockerLayout() async throws {
        var archive = try TestArchive.layout()
        let (config, layer) = (archive.files[3].path, archive.files[4].path)
        let manifest = """
            [{"Config":"\(config)","RepoTags":["one:1"],"Layers":["\(layer)"],"LayerSources":{}}]
            """
        archive.files.append(("manifest.json", Array(manifest.utf8)))
        archive.files.append(("repositories", Array(#"{"one":{"1":"aa"}}"#.utf8)))
        // The configuration that layers had before there were digests.
        archive.add(Array(#"{"id":"aa","os":"linux"}"#.utf8))
        for files in [archive.files, Array(archive.files.dropFirst(2))] {
            let tar = TestArchive(files: files).tar { tar in
                tar.folder("blobs")
                tar.folder("blobs/sha256")
            }
            let image = try #require(try await scratch.load(tar).first)
            #expect(image.names.map(\.familiar) == ["one:1"])
            #expect(image.id == .of(archive.files[3].bytes))
        }
    }

    @Test("takes a layer of an old archive that is compressed in its own way")
    func recompressed() async throws {
        var configuration = ImageConfiguration()
        configuration.diffIDs = [.of(TestArchive.layer)]
        let archive = TestArchive(files: [
            ("c.json", try OCIJSON.encode(configuration)),
            ("l", try compressed(TestArchive.layer, with: "xz")),
            ("manifest.json", Array(#"[{"Config":"c.json","Layers":["./l"]}]"#.utf8)),
        ])
        let image = try #require(try await scratch.load(archive.tar()).first)
        #expect(image.names.isEmpty)
        #expect(image.layers.map(\.blob.digest) == [.of(TestArchive.layer)])
    }

    @Test("reads an unpacked layout")
    func folder() throws {
        let folder = scratch.path.appending("layout")
        for file in try TestArchive.layout().files {
            let path = folder.pushing(FilePath(file.path))
            try makeDirectories(path.removingLastComponent())
            try atomicWrite(file.bytes, to: path)
        }
        let images = try scratch.store.readArchive(.folder(folder))
        #expect(images.map(\.layers.count) == [1])
    }

    @Test("writes the same bytes each time, and reads them back with every digest")
    func roundTrip() async throws {
        let blob = try compressed(TestArchive.layer, with: "gzip")
        let archive = try TestArchive.layout(
            layer: blob,
            plain: TestArchive.layer,
            type: MediaType.ociLayerGzip
        )
        let loaded = try #require(try await scratch.load(archive.tar()).first)
        let image = ImageToSave(manifest: .of(loaded.manifest), names: loaded.names)
        let first = try save([image])
        #expect(try save([image]) == first)
        let other = try Scratch()
        let again = try #require(try await other.load(first).first)
        #expect(again.manifest == loaded.manifest)
        #expect(again.id == loaded.id)
        #expect(again.names == loaded.names)
        #expect(try other.store.storedBlobs() == scratch.store.storedBlobs())
    }

    @Test("writes layers that were made here from their files, shared ones once")
    func made() async throws {
        let upper = scratch.path.appending("upper")
        try makeDirectories(upper, mode: 0o755)
        try atomicWrite(Array("x".utf8), to: upper.appending("x"))
        let (diffID, size) = try scratch.store.adoptLayer(upper)
        var images: [ImageToSave] = []
        for tag in ["1", "2"] {
            var configuration = ImageConfiguration()
            configuration.author = tag
            configuration.diffIDs = [diffID]
            let config = try OCIJSON.encode(configuration)
            let manifest = Manifest(
                config: Descriptor(mediaType: MediaType.ociConfig, of: config),
                layers: [Descriptor(mediaType: MediaType.ociLayer, digest: diffID, size: size)]
            )
            try scratch.store.writeBlob(config)
            images.append(
                ImageToSave(
                    manifest: try scratch.store.writeBlob(try OCIJSON.encode(manifest)),
                    names: [try ImageReference("made:\(tag)")]
                )
            )
        }
        let bytes = try save(images)
        #expect(bytes.count < Int(size) + 24_000)
        let other = try Scratch()
        let loaded = try await other.load(bytes)
        #expect(loaded.flatMap(\.names).map(\.familiar) == ["made:1", "made:2"])
        #expect(try readFile(other.file("x", of: diffID), limit: 9) == Array("x".utf8))
    }

    @Test("takes the image for the platform, and says which there are")
    func platforms() async throws {
        let arm = try Platform("linux/arm64")
        await #expect(throws: (any Error).self) {
            try await scratch.load(TestArchive.layout().tar(), platform: arm)
        }
        let images = try await scratch.load(TestArchive.layout().tar(), platform: .host)
        #expect(images.count == 1)
    }
}
