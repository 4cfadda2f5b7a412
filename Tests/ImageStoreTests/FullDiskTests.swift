import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("root: full disks", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct FullDiskTests {
    /// A store on a memory file system of its own, which is nowhere but behind a descriptor.
    private final class SmallDisk {
        private let mount: SharedFD
        let store: ImageStore
        let path: FilePath

        init(size: String, inodes: Int = 10_000) throws {
            let context = try FileSystemContext("tmpfs")
            try context.set("size", size)
            try context.set("nr_inodes", "\(inodes)")
            let mount = SharedFD(try context.mount())
            self.mount = mount
            path = FilePath("/proc/self/fd/\(mount.with { $0 })")
            store = try ImageStore(root: path.appending("store"))
        }

        func add(_ tar: [UInt8]) async throws {
            let descriptor = Descriptor(mediaType: MediaType.ociLayer, of: tar)
            let lease = try await store.lease(descriptor, diffID: .of(tar))
            try lease.complete(from: BytesSource(tar))
        }

        /// Nothing but what was there before.
        func expectNothing(_ location: SourceLocation = #_sourceLocation) throws {
            #expect(try store.storedBlobs() == [], sourceLocation: location)
            #expect(try store.storedLayers() == [], sourceLocation: location)
            #expect(try folderEntries(store.staging) == [], sourceLocation: location)
        }
    }

    private static func tar(files: Int, bytes: Int) -> [UInt8] {
        TestTar { tar in
            for index in 0..<files {
                let content = [UInt8](repeating: UInt8(index & 255), count: bytes)
                tar.add(.init(name: Array("file-\(index)".utf8), type: "0", content: content))
            }
        }.finished
    }

    @Test("are called full at every point, keep nothing, and take the layer when there is room")
    func space() async throws {
        let tar = Self.tar(files: 40, bytes: 20_000)
        for kilobytes in stride(from: 100, to: 1700, by: 200) {
            let disk = try SmallDisk(size: "\(kilobytes)k")
            let error = await #expect(throws: (any Error).self, "\(kilobytes) kB") {
                try await disk.add(tar)
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("no space left"), "\(kilobytes) kB: \(text)")
            try disk.expectNothing()
        }
        let disk = try SmallDisk(size: "2500k")
        let ballast = disk.path.appending("ballast")
        try atomicWrite([UInt8](repeating: 1, count: 1_500_000), to: ballast)
        await #expect(throws: ImageStoreError.self) { try await disk.add(tar) }
        try disk.expectNothing()
        try removeTree(ballast)
        try await disk.add(tar)
        #expect(disk.store.hasLayer(.of(tar)))
    }

    @Test("are called full while an archive is staged, and while a build's layer is adopted")
    func stagingAndAdopting() async throws {
        let disk = try SmallDisk(size: "700k")
        let bytes = [UInt8](repeating: 7, count: 900_000)
        let staging = #expect(throws: ImageStoreError.self) {
            try disk.store.stage(BytesSource(bytes), subject: "archive")
        }
        try expectFull(staging, "archive")
        try disk.expectNothing()

        let upper = disk.path.appending("upper")
        try makeDirectories(upper)
        try atomicWrite([1, 2, 3], to: upper.appending("file"))
        try fill(disk.path.appending("ballast"))
        let adopting = #expect(throws: ImageStoreError.self) { try disk.store.adoptLayer(upper) }
        try expectFull(adopting, "layer of \(upper)")
        try disk.expectNothing()
    }

    private func expectFull(_ error: ImageStoreError?, _ subject: String) throws {
        let error = try #require(error)
        #expect(error.subject == subject)
        #expect(error.description.contains("no space left"), "\(error)")
        #expect(error.description.contains("make room"), "\(error)")
    }

    /// Writes a file until nothing more goes.
    private func fill(_ path: FilePath) throws {
        let file = try openFile(path, O_WRONLY | O_CREAT, mode: 0o600)
        let page = [UInt8](repeating: 1, count: 4096)
        let error = #expect(throws: SyscallError.self) {
            while true { try file.writeAll(page) }
        }
        #expect(error?.isFullDisk == true)
    }

    @Test("of inodes are called full, too")
    func inodes() async throws {
        let disk = try SmallDisk(size: "50m", inodes: 100)
        let tar = Self.tar(files: 200, bytes: 1)
        let error = await #expect(throws: ImageStoreError.self) { try await disk.add(tar) }
        #expect(
            error?.description.contains("no space left") == true,
            "\(String(describing: error))"
        )
        try disk.expectNothing()
    }
}
