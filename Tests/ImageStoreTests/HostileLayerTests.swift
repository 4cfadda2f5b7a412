import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("Hostile layers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct HostileLayerTests {
    @Test("are refused and leave nothing", arguments: HostileLayer.all, fileSystems)
    func refused(layer: HostileLayer, fileSystem: String) async throws {
        let scratch = try Scratch(on: fileSystem, unpacking: Tester.confined)
        let error = await #expect(throws: ImageStoreError.self) { try await scratch.add(layer.tar) }
        #expect(error?.description.contains(layer.words) == true, "\(String(describing: error))")
        try scratch.expectCanary()
        try scratch.expectEmpty()
        #expect(status("/etc/passwd")?.st_nlink == 1)
    }

    @Test("that are no archives are refused")
    func garbage() async throws {
        let scratch = try Scratch()
        let text = Array(String(repeating: "this is not a tar. ", count: 100).utf8)
        await #expect(throws: ImageStoreError.self) { try await scratch.add(text) }
        try scratch.expectEmpty()
    }

    @Test("that are cut are refused")
    func cut() async throws {
        let scratch = try Scratch()
        var tar = TestTar()
        tar.file("x", String(repeating: "x", count: 2000))
        let error = await #expect(throws: ImageStoreError.self) {
            try await scratch.add(Array(tar.bytes.prefix(1024)))
        }
        #expect(error?.description.contains("runcated") == true, "\(String(describing: error))")
        try scratch.expectEmpty()
    }

    @Test("of other digests or sizes than promised are refused")
    func mismatches() async throws {
        let scratch = try Scratch()
        let tar = TestTar { $0.file("x", "1") }.finished
        let right = Descriptor(mediaType: MediaType.ociLayer, of: tar)
        func refused(_ change: (inout Descriptor) -> Void, diffID: Digest? = nil) async throws {
            var wrong = right
            change(&wrong)
            await #expect(throws: ImageStoreError.self) {
                try await scratch.add(tar, descriptor: wrong, diffID: diffID)
            }
            try scratch.expectEmpty()
        }
        try await refused { $0.size -= 1 }
        try await refused { $0.size += 1 }
        try await refused { $0.digest = .of([1]) }
        try await refused({ _ in }, diffID: .of([1]))
    }
}
