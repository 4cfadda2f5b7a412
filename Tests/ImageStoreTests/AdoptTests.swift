import Foundation
import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("Adopted layers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct AdoptTests {
    /// A directory as overlay leaves it after a build step.
    private func makeUpper(in scratch: Scratch, _ name: String, reversed: Bool) throws -> FilePath {
        let upper = scratch.path.appending(name)
        try makeDirectories(upper, mode: 0o755)
        let files = ["b", "a-file", "z"]
        for file in reversed ? files.reversed() : files {
            let path = upper.appending(file)
            try atomicWrite(Array(file.utf8), to: path, mode: 0o640)
            path.withPlatformString { _ = chown($0, 12, 34) }
        }
        try makeDirectories(upper.appending("dir"), mode: 0o755)
        let folder = SharedFD(try openFile(upper.appending("dir"), O_RDONLY))
        try folder.setExtendedAttribute("trusted.overlay.opaque", to: Array("y".utf8), subject: "")
        try folder.setExtendedAttribute("user.note", to: Array("n".utf8), subject: "")
        try atomicWrite([1, 2, 3], to: upper.appending("dir/file"))
        upper.appending("gone").withPlatformString { _ = mknod($0, S_IFCHR, 0) }
        upper.appending("fifo").withPlatformString { _ = mkfifo($0, 0o600) }
        upper.appending("dir/file").withPlatformString { from in
            upper.appending("hard").withPlatformString { _ = link(from, $0) }
        }
        upper.appending("soft").withPlatformString { _ = symlink("dir/file", $0) }
        let long = String(repeating: "n", count: 180)
        try atomicWrite([], to: upper.appending(long))
        for name in try scratch.store.folderEntries(upper) + ["dir/file", "."] {
            let times = [timespec(tv_sec: 1000, tv_nsec: 7), timespec(tv_sec: 1000, tv_nsec: 7)]
            upper.appending(name).withPlatformString {
                _ = utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW)
            }
        }
        return upper
    }

    @Test("have one digest, however they came about", arguments: fileSystems)
    func stable(fileSystem: String) async throws {
        let scratch = try Scratch(on: fileSystem)
        let upper = try makeUpper(in: scratch, "one", reversed: false)
        let (first, size) = try scratch.store.adoptLayer(upper)
        #expect(status(upper) == nil)
        #expect(status(scratch.file("dir/file", of: first)) != nil)
        let (second, _) = try scratch.store.adoptLayer(
            makeUpper(in: scratch, "two", reversed: true)
        )
        #expect(first == second)
        #expect(status(scratch.path.appending("two")) == nil)

        let tar = Mutex<[UInt8]>([])
        let written = try scratch.store.writeTar(of: first) { bytes in
            tar.withLock { $0.append(contentsOf: bytes) }
        }
        let bytes = tar.withLock { $0 }
        #expect(written == size && Int64(bytes.count) == size)
        #expect(Digest.of(bytes) == first)

        // Elsewhere, the same tar becomes the same files, and these the same tar.
        let other = try Scratch(on: fileSystem)
        let unpacked = try await other.add(bytes)
        #expect(unpacked == first)
        let (again, _) = try {
            let copy = other.path.appending("copy")
            try renamePath(other.store.layerPath(unpacked), to: copy)
            try removeTree(other.store.layerFolder(unpacked))
            return try other.store.adoptLayer(copy)
        }()
        #expect(again == first)
    }

    @Test("list deletions first, in the archive's way")
    func archive() throws {
        let scratch = try Scratch()
        let upper = try makeUpper(in: scratch, "upper", reversed: false)
        let (layer, _) = try scratch.store.adoptLayer(upper)
        let tar = Mutex<[UInt8]>([])
        _ = try scratch.store.writeTar(of: layer) { bytes in
            tar.withLock { $0.append(contentsOf: bytes) }
        }
        let list = try names(inTar: tar.withLock { $0 })
        let long = String(repeating: "n", count: 180)
        #expect(
            list == [
                ".wh.gone", "a-file", "b", "dir/", "dir/.wh..wh..opq", "dir/file", "fifo", "hard",
                long, "soft", "z",
            ]
        )
    }

    /// As GNU tar reads it.
    private func names(inTar tar: [UInt8]) throws -> [String] {
        let path = FilePath("/tmp/berth-tar-\(String(UInt64.random(in: .min ... .max), radix: 36))")
        try atomicWrite(tar, to: path)
        defer {
            // A stray file in /tmp would fail no test.
            try? removeTree(path)
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["tar", "-tf", path.string]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text.split(separator: "\n").map(String.init)
    }

    @Test("may be empty")
    func empty() throws {
        let scratch = try Scratch()
        for name in ["one", "two"] {
            let upper = scratch.path.appending(name)
            try makeDirectories(upper, mode: 0o755)
            let (layer, size) = try scratch.store.adoptLayer(upper)
            #expect(
                layer.description
                    == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
            )
            #expect(size == 1024)
        }
    }

    @Test("with what no layer can express are refused")
    func refused() throws {
        let scratch = try Scratch()
        let upper = scratch.path.appending("upper")
        try makeDirectories(upper, mode: 0o755)
        try atomicWrite([], to: upper.appending(".wh.x"))
        #expect(throws: ImageStoreError.self) { try scratch.store.adoptLayer(upper) }
        try removeTree(upper.appending(".wh.x"))
        try makeDirectories(upper.appending("moved"))
        try SharedFD(try openFile(upper.appending("moved"), O_RDONLY)).setExtendedAttribute(
            "trusted.overlay.redirect",
            to: Array("/etc".utf8),
            subject: ""
        )
        #expect(throws: ImageStoreError.self) { try scratch.store.adoptLayer(upper) }
        #expect(status(upper) != nil)
        try scratch.expectEmpty()
    }

    @Test("of pulled images are never written as another tar")
    func pulled() async throws {
        let scratch = try Scratch()
        let layer = try await scratch.add(TestTar { $0.file("x") }.finished)
        #expect(throws: ImageStoreError.self) { try scratch.store.writeTar(of: layer) { _ in } }
    }
}
