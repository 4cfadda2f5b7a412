import ContainerRuntime
import Foundation
import GRDB
import Glibc
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// Bytes at hand as a source.
private final class BytesSource: ByteSource {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        rest.withLock { rest in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }
}

@Suite(
    "root: images and containers as archives",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(1))
)
struct ArchiveTests {
    let test: TestEngine
    var engine: Engine { test.engine }

    init() async throws { test = try await TestEngine() }

    /// The tar of a root file system with one file and a folder for a volume.
    private func rootTar(_ content: String = "hello") throws -> [UInt8] {
        let folder = test.scratch("rootfs-\(content.count)")
        try makeDirectories(folder.appending("etc"), mode: 0o755)
        try atomicWrite(Array(content.utf8), to: folder.appending("etc/motd"), mode: 0o644)
        return try Self.run("tar", "--sort=name", "--mtime=@0", "-C", folder.string, "-c", ".")
    }

    private static func run(_ words: String...) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return bytes
    }

    @discardableResult
    private func bring(_ name: String?, content: String = "hello") async throws -> ImageRecord {
        var request = ImportRequest(comment: "test")
        request.name = try name.map { try ImageReference($0).tagged }
        request.created = Timestamp(nanoseconds: 0)
        request.configuration.config.entrypoint = ["/entry"]
        request.configuration.config.command = ["old"]
        return try await engine.importImage(
            from: BytesSource(try rootTar(content)),
            subject: "test",
            request
        )
    }

    private func save(_ names: String...) async throws -> [UInt8] {
        let collected = Mutex<[UInt8]>([])
        try await engine.save(try await engine.imagesToSave(names)) { bytes in
            collected.withLock { $0 += bytes }
        }
        return collected.withLock { $0 }
    }

    private func load(_ bytes: [UInt8], into engine: Engine) async throws -> [LoadedImage] {
        try await engine.loadImages(
            from: .stream(BytesSource(bytes), name: "archive")
        )
    }

    @Test("an imported image has one layer, one step of history, and the same id each time")
    func imports() async throws {
        let image = try await bring("app:1")
        let configuration = try ImageConfiguration(bytes: image.configuration)
        #expect(configuration.diffIDs.count == 1)
        #expect(configuration.history.map(\.comment) == ["test"])
        #expect(try await bring("app:2").id == image.id)
        #expect(try await engine.image(matching: "app:1")?.id == image.id)
        let layer = engine.imageStore.layerPath(configuration.diffIDs[0])
        #expect(try text(layer.appending("etc/motd")) == "hello")
    }

    @Test("what cannot be imported leaves nothing")
    func refusedImport() async throws {
        let error = await engineError {
            _ = try await engine.importImage(
                from: BytesSource(Array("no archive at all".utf8)),
                subject: "notes.txt",
                ImportRequest(comment: "")
            )
        }
        #expect(error?.attempt == "cannot import notes.txt")
        #expect(try engine.imageStore.storedBlobs() == [])
        #expect(try engine.imageStore.storedLayers() == [])
    }

    @Test("a repository is saved with all its tags, an identifier without any")
    func saves() async throws {
        let image = try await bring("app:1")
        try await engine.tagImage(image, as: try ImageReference("app:2"))
        try await engine.tagImage(image, as: try ImageReference("other:1"))
        let whole = try #require(try await engine.imagesToSave(["app"]).first)
        #expect(whole.names.map(\.familiar) == ["app:1", "app:2"])
        let one = try #require(try await engine.imagesToSave(["app:2", "other:1"]).first)
        #expect(one.names.map(\.familiar) == ["app:2", "other:1"])
        let hex = String(image.id.hex.prefix(8))
        #expect(try await engine.imagesToSave([hex]).map(\.names) == [[]])
        #expect(try await engine.imagesToSave([image.id.description]).map(\.names) == [[]])
        let error = await engineError { _ = try await engine.imagesToSave(["app:3"]) }
        #expect(error?.reason == "No such image: app:3")
        let arm = try Platform("linux/arm64")
        _ = await engineError { _ = try await engine.imagesToSave(["app:1"], platform: arm) }
    }

    @Test("what was saved is loaded elsewhere with every digest, and names move")
    func loads() async throws {
        let image = try await bring("app:1")
        let bytes = try await save("app:1")
        let other = try await TestEngine()
        let loaded = try #require(try await load(bytes, into: other.engine).first)
        #expect(loaded.id == image.id)
        #expect(loaded.names.map(\.familiar) == ["app:1"])
        #expect(loaded.moved.isEmpty)
        let record = try #require(try await other.engine.image(matching: "app:1"))
        #expect(record.manifest == image.manifest)
        #expect(record.layers == image.layers)

        let next = try await bring("app:1", content: "another")
        let moved = try await load(bytes, into: engine)
        #expect(moved.first?.moved.map(\.before) == [next.id])
        #expect(try await engine.image(matching: "app:1")?.id == image.id)
        #expect(try await load(bytes, into: engine).first?.moved == [])
    }

    /// An archive as docker wrote it for an image with so many tags.
    private func archive(tags: Int, platform: Platform = .host) throws -> [UInt8] {
        let folder = test.scratch("docker-\(tags)")
        let layer = try rootTar()
        let configuration = ImageConfiguration(platform: platform, diffIDs: [.of(layer)])
        let names = (0..<tags).map { "\"app:\($0)\"" }.joined(separator: ",")
        let manifest = """
            [{"Config":"config.json","RepoTags":[\(names)],"Layers":["layer.tar"]}]
            """
        try makeDirectories(folder, mode: 0o755)
        for (name, bytes) in [
            ("layer.tar", layer), ("config.json", try OCIJSON.encode(configuration)),
            ("manifest.json", Array(manifest.utf8)),
        ] {
            try atomicWrite(bytes, to: folder.appending(name), mode: 0o644)
        }
        return try Self.run("tar", "-C", folder.string, "-c", ".")
    }

    @Test("an image of another operating system is not loaded")
    func otherSystem() async throws {
        let windows = Platform(os: "windows", architecture: "amd64")
        let bytes = try archive(tags: 1, platform: windows)
        let error = await engineError { _ = try await load(bytes, into: engine) }
        #expect(
            error?.description
                == "cannot load app:0 from archive: image operating system \"windows\" cannot be used "
                + "on this platform; choose an archive of images for linux"
        )
        #expect(try engine.imageStore.storedBlobs() == [])
        #expect(try engine.imageStore.storedLayers() == [])
    }

    @Test("an image of four times the names takes about four times as long to load")
    func loadsManyNames() async throws {
        func cost(_ tags: Int) async throws -> Double {
            let bytes = try archive(tags: tags)
            let other = try await TestEngine()
            let clock = ContinuousClock()
            let begun = clock.now
            let loaded = try await load(bytes, into: other.engine)
            let taken = clock.now - begun
            #expect(loaded.map(\.names.count) == [tags])
            return taken / .seconds(1)
        }
        var ratio = Double.infinity
        for _ in 0..<3 where ratio >= 8 { ratio = try await cost(12_000) / cost(3_000) }
        #expect(ratio < 8)
    }

    @Test("an archive with one bad image gives none of its images")
    func allOrNothing() async throws {
        try await bring("good:1")
        let bad = try await bring("bad:1", content: "something else")
        var bytes = try await save("good:1", "bad:1")
        // Somewhere in the layer that only the second has.
        let blob = try engine.imageStore.readBlob(try #require(bad.layers.first?.blob))
        let position = try #require(bytes.firstRange(of: blob)?.lowerBound)
        bytes[position + blob.count / 2] ^= 1
        let other = try await TestEngine()
        await #expect(throws: ImageStoreError.self) {
            _ = try await load(bytes, into: other.engine)
        }
        #expect(try await other.engine.image(matching: "good:1") == nil)
        #expect(try await other.engine.image(bad.id) == nil)
        #expect(try other.engine.imageStore.storedLayers() == [])
        #expect(try other.engine.imageStore.storedBlobs() == [])
    }

    @Test("a mounted image can be read, not written, and its layers stay while it is")
    func mounts() async throws {
        let image = try await bring("app:1")
        let mount = try await engine.mountImage(matching: "app:1", at: nil)
        #expect(try text(mount.path.appending("etc/motd")) == "hello")
        #expect(throws: SyscallError.self) {
            try atomicWrite([], to: mount.path.appending("etc/new"))
        }
        #expect(try await engine.mountImage(matching: "app:1", at: nil) == mount)
        #expect(try engine.imageMounts() == [mount])
        #expect(try await engine.audit() == [])
        let refusal = await engineError {
            _ = try await engine.removeImage(
                matching: "app:1",
                forced: true
            )
        }
        #expect(refusal?.reason.contains("is mounted at \(mount.path)") == true)
        #expect(try await engine.image(matching: "app:1")?.id == image.id)

        // Its record goes behind its back.
        try await engine.store.write { db in
            try db.run("DELETE FROM imageNames", [])
            try db.run("DELETE FROM images WHERE id = ?", [image.id.description])
        }
        try await engine.collectImageGarbage()
        #expect(try text(mount.path.appending("etc/motd")) == "hello")
        #expect(try await engine.audit().map(\.kind) == [.mount])

        #expect(try await engine.unmountImage(matching: mount.path.string) == [mount])
        #expect(try await engine.unmountImage(matching: mount.path.string) == [])
        #expect(!exists(mount.path))
        try await engine.collectImageGarbage()
        #expect(try engine.imageStore.storedLayers() == [])
    }

    @Test("what a killed bootstrap left is found, once nothing of it works any more")
    func abandonedBootstrap() async throws {
        let folder = engine.layout.bootstrap
        try makeDirectories(folder.appending("tree"))
        let path = folder.appending("lock")
        var lock = try FileLock.tryAcquire(path)
        #expect(lock != nil)
        // The program that was started has it still when we are gone.
        var shared: SharedFD? = try lock?.share()
        lock = nil
        #expect(try await engine.audit() == [])
        #expect(shared != nil)
        shared = nil
        #expect(try await engine.audit().map(\.name) == [folder.appending("tree").string])
    }

    /// A container of `app:1` that has changed three things, as though it had run.
    private func container() async throws -> ContainerRecord {
        let image = try await bring("app:1")
        var request = ContainerRequest(
            name: "shop-app-1",
            spec: ContainerSpec(
                image: image.id,
                imageName: "app:1",
                process: ProcessSpec(arguments: ["/entry", "new", "words"])
            )
        )
        request.spec.process.environment = ["A=1"]
        request.spec.labels = ["team": "a"]
        request.labels = ["com.docker.compose.project": "shop"]
        let record = try await test.create(request)
        let upper = engine.layout.container(record.id.text).appending("upper")
        try makeDirectories(upper.appending("etc"), mode: 0o755)
        try makeDirectories(upper.appending("srv"), mode: 0o755)
        try atomicWrite(Array("made".utf8), to: upper.appending("srv/new"), mode: 0o600)
        // Overlay's way to say that a file is gone.
        try #require(mknod(upper.appending("etc/motd").string, S_IFCHR | 0o600, 0) == 0)
        return record
    }

    @Test("a commit adds what the container changed as one layer, and how it was run")
    func commits() async throws {
        let record = try await container()
        var request = CommitRequest()
        request.name = try ImageReference("made:1")
        request.author = "Jo"
        request.comment = "by hand"
        request.configure = { $0.config.workingDirectory = "/srv" }
        let image = try await engine.commit(record.id, request)
        let configuration = try ImageConfiguration(bytes: image.configuration)
        #expect(configuration.diffIDs.count == 2)
        #expect(configuration.author == "Jo")
        #expect(configuration.config.entrypoint == ["/entry"])
        #expect(configuration.config.command == ["new", "words"])
        #expect(configuration.config.environment == ["A=1"])
        #expect(configuration.config.workingDirectory == "/srv")
        #expect(configuration.config.labels == ["team": "a"])
        #expect(configuration.history.last?.comment == "by hand")
        #expect(configuration.history.last?.createdBy == "/entry new words")
        let mount = try await engine.mountImage(matching: "made:1", at: nil)
        #expect(try text(mount.path.appending("srv/new")) == "made")
        #expect(!exists(mount.path.appending("etc/motd")))
        _ = try await engine.unmountImage(matching: "made:1")
        // The container still has its changes.
        let upper = engine.layout.container(record.id.text).appending("upper")
        #expect(try text(upper.appending("srv/new")) == "made")
        #expect(try await save("made:1").count > 4096)
    }

    @Test("a commit of a container that never ran adds an empty layer")
    func commitsNothing() async throws {
        let image = try await bring("app:1")
        let record = try await test.create(
            ContainerRequest(
                name: "shop-app-1",
                spec: ContainerSpec(
                    image: image.id,
                    imageName: "app:1",
                    process: ProcessSpec(arguments: ["/other"])
                )
            )
        )
        let made = try await engine.commit(record.id, CommitRequest())
        let configuration = try ImageConfiguration(bytes: made.configuration)
        #expect(
            configuration.diffIDs.last?.hex
                == "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
        )
        #expect(configuration.config.entrypoint == nil)
        #expect(configuration.config.command == ["/other"])
    }

    @Test("an export holds the image with the changes, and imports again")
    func exports() async throws {
        let record = try await container()
        let collected = Mutex<[UInt8]>([])
        try await engine.exportFileSystem(of: record.id) { bytes in
            collected.withLock { $0 += bytes }
        }
        let tar = test.scratch("export.tar")
        try atomicWrite(collected.withLock { $0 }, to: tar)
        let names = String(decoding: try Self.run("tar", "-tf", tar.string), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(names.contains("srv/new"))
        #expect(names.contains("etc/hosts"))
        #expect(!names.contains("etc/motd"))
        #expect(!names.contains { $0.contains(".wh.") })
        let flat = try await engine.importImage(
            from: try FileSource(tar),
            subject: "export",
            ImportRequest(comment: "")
        )
        #expect(flat.layers.count == 1)
    }
}
