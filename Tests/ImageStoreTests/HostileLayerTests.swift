import Glibc
import Linux
import OCI
import SystemPackage
import Testing

@testable import ImageStore

/// A layer that has to be refused, and words that the error has.
struct HostileLayer: Sendable, CustomTestStringConvertible {
    var name: String
    var words: String
    var tar: [UInt8]

    init(_ name: String, _ words: String, _ body: (inout TestTar) -> Void) {
        self.name = name
        self.words = words
        tar = TestTar(body).finished
    }

    var testDescription: String { name }

    static let all: [HostileLayer] = [
        .init("a name that goes up", "would leave the layer") { $0.file("../canary", "x") },
        .init("a name that goes up later", "would leave the layer") { $0.file("a/../../canary") },
        .init("a name that goes up and stays", "would leave the layer") { $0.file("a/../b") },
        .init("a directory that goes up", "would leave the layer") { $0.folder("..") },
        .init("an absolute name that goes up", "would leave the layer") { $0.file("/../canary") },
        .init("a PAX name that goes up", "would leave the layer") {
            $0.add(
                .init(
                    name: Array("harmless".utf8),
                    type: "0",
                    pax: [("path", Array("x/../../canary".utf8))]
                )
            )
        },
        .init("a GNU name that goes up", "would leave the layer") {
            $0.add(.init(name: Array("../../canary".utf8), type: "0", isGNU: true))
        },
        .init("a name of 5000 bytes", "longer than 4096") {
            let name = String(repeating: "d/", count: 2500)
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("a component of 256 bytes", "File name too long") {
            let name = String(repeating: "n", count: 256)
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("nesting of 1500 levels", "nested too deeply") {
            let name = String(repeating: "d/", count: 1500) + "f"
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("a file through a link to outside", "does not contain") {
            $0.link("x", to: "/etc")
            $0.file("x/passwd", "root::0:0")
        },
        .init("a directory through a dangling link", "does not contain") {
            $0.link("x", to: "../../canary-folder")
            $0.folder("x/y")
        },
        .init("a chain of 41 links", "Too many levels of symbolic links") {
            $0.folder("l0")
            for index in 1...41 { $0.link("l\(index)", to: "l\(index - 1)") }
            $0.file("l41/file")
        },
        .init("a link to itself as parent", "Too many levels of symbolic links") {
            $0.link("x", to: "x")
            $0.file("x/file")
        },
        .init("a file as parent", "not a directory") {
            $0.file("x")
            $0.file("x/file")
        },
        .init("a hard link outside", "does not contain") { $0.hardLink("x", to: "/etc/passwd") },
        .init("a hard link upwards", "would leave the layer") {
            $0.hardLink("x", to: "../canary")
        },
        .init("a hard link through a link", "does not contain") {
            $0.link("l", to: "/etc")
            $0.hardLink("x", to: "l/passwd")
        },
        .init("a hard link to itself", "does not contain") { $0.hardLink("x", to: "x") },
        .init("a hard link to a later entry", "does not contain") {
            $0.hardLink("x", to: "y")
            $0.file("y")
        },
        .init("a hard link to a directory", "hard link to the directory") {
            $0.folder("d")
            $0.hardLink("x", to: "d")
        },
        .init("a hard link to a whiteout", "does not contain") {
            $0.file(".wh.w")
            $0.hardLink("x", to: "w")
        },
        .init("a whiteout without a name", "whiteout of nothing") { $0.file("a/.wh.") },
        .init("a whiteout of .", "whiteout of nothing") { $0.file(".wh..") },
        .init("a whiteout of ..", "whiteout of nothing") { $0.file("a/.wh...") },
        .init("something in a whiteout", "a whiteout holds nothing") { $0.file(".wh.x/passwd") },
        .init("overlay's own device", "whiteout") {
            $0.add(.init(name: Array("x".utf8), type: "3", device: (0, 0)))
        },
        .init("an owner that is none", "not a valid id") {
            $0.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    pax: [("uid", Array("4294967295".utf8))]
                )
            )
        },
        .init("a size that the archive does not have", "damaged") {
            $0.add(.init(name: Array("x".utf8), type: "0", size: 1 << 20))
        },
    ]
}

@Suite("Hostile layers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct HostileLayerTests {
    @Test("are refused and leave nothing", arguments: HostileLayer.all, fileSystems)
    func refused(layer: HostileLayer, fileSystem: String) async throws {
        let scratch = try Scratch(on: fileSystem)
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

    @Test("cannot be larger than the limits")
    func bombs() async throws {
        let scratch = try Scratch()
        let zeros = TestTar { tar in
            tar.add(
                .init(
                    name: Array("zeros".utf8),
                    type: "0",
                    content: [UInt8](repeating: 0, count: 20 << 20)
                )
            )
        }.finished
        let blob = try compressed(zeros, with: "gzip")
        #expect(blob.count < 40_000)
        let error = await #expect(throws: ImageStoreError.self) {
            try await scratch.add(blob, tar: zeros, limits: UnpackLimits(bytes: 1 << 20))
        }
        #expect(error?.problem == .limit("files of more than 1048576 bytes"))
        let hole = TestTar { tar in
            let map = Array("1\n0\n0\n".utf8)
            tar.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    content: map + [UInt8](repeating: 0, count: 512 - map.count),
                    pax: [
                        ("GNU.sparse.major", Array("1".utf8)),
                        ("GNU.sparse.minor", Array("0".utf8)),
                        ("GNU.sparse.name", Array("sparse".utf8)),
                        ("GNU.sparse.realsize", Array("8000000000000000000".utf8)),
                    ]
                )
            )
        }.finished
        await #expect(throws: ImageStoreError.self) { try await scratch.add(hole) }
        let many = TestTar { tar in for index in 0..<200 { tar.file("\(index)") } }.finished
        let entries = await #expect(throws: ImageStoreError.self) {
            try await scratch.add(many, limits: UnpackLimits(entries: 100))
        }
        #expect(entries?.problem == .limit("more than 100 entries"))
        let trailing = many + [UInt8](repeating: 0, count: 4 << 20)
        await #expect(throws: ImageStoreError.self) {
            try await scratch.add(trailing, limits: UnpackLimits(bytes: 1 << 20))
        }
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
