import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("root: the confined unpacker", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct ConfinementTests {
    /// Errors by name: `EPERM`, `ENOENT`, `EACCES`, `EFBIG`, `EXDEV`.
    private static let expected: [String: String] = {
        var expected = [
            "write passwd": "\(ENOENT)", "write passwd upwards": "\(ENOENT)",
            "write canary": "\(ENOENT)", "make beside": "\(ENOENT)", "link canary": "\(ENOENT)",
            "read a process": "\(ENOENT)", "make inside": "worked", "write far": "\(EFBIG)",
            "make null": "worked", "open null": "\(EACCES)", "make disk": "worked",
            "open disk": "\(EACCES)", "missing": "",
        ]
        for call in [
            "mark opaque", "internet", "unix", "netlink", "ptrace", "kill", "pidfd",
            "memory of parent", "user namespace", "mount namespace", "fork", "clone3", "execute",
            "mount", "unmount", "chroot", "by handle", "become", "keys", "bpf", "io_uring",
            "reboot", "limits", "prctl",
        ] {
            expected[call] = "\(EPERM)"
        }
        return expected
    }()

    @Test("cannot leave its directory, whatever it tries", arguments: fileSystems)
    func attack(fileSystem: String) throws {
        let scratch = try Scratch(on: fileSystem)
        let folder = scratch.path.appending("layer")
        try makeDirectories(folder)
        var pipe = try Pipe.make()
        var request = SpawnRequest(
            program: Tester.program.string,
            arguments: ["unpack-tester", "attack", scratch.canary.string]
        )
        request.descriptors = [
            1: SharedFD(pipe.takeWriter()),
            UnpackRequest.directory: SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY)),
        ]
        let process = try spawn(request)
        request.descriptors = [:]
        let output = try pipe.takeReader().readToEnd(limit: 1 << 20)
        #expect(try process.waitForExitStatus() == .exited(code: 0))
        var results: [String: String] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            results[parts[0]] = String(parts[1].dropFirst())
        }
        for (name, result) in Self.expected {
            #expect(results[name] == result, "\(name)")
        }
        #expect(results.count == Self.expected.count)
        try scratch.expectCanary()
        #expect(try folderEntries(folder).sorted() == ["disk", "inside", "null"])
    }

    @Test("has one thread, no capabilities but six, and a filter")
    func rights() async throws {
        let scratch = try Scratch(unpacking: Tester.confined)
        let source = WatchedSource(CompressionTests.tar)
        let diffID = Digest.of(CompressionTests.tar)
        let lease = try await scratch.store.lease(
            Descriptor(mediaType: MediaType.ociLayer, of: CompressionTests.tar),
            diffID: diffID
        )
        try lease.complete(from: source)
        let status = source.status
        #expect(status["NoNewPrivs"] == "1")
        #expect(status["Seccomp"] == "2")
        #expect(status["Threads"] == "1")
        for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(status[set] == "000000008800001b") }
        #expect(status["CapInh"] == "0000000000000000")
        // The directory of the layer is everything there is.
        #expect(source.mounts.count == 1)
        #expect(source.mounts.first?.contains("nosuid,nodev,noexec") == true)
        #expect(scratch.store.hasLayer(diffID))
    }

    @Test("that is another version says so")
    func version() async throws {
        let program = UnpackerProgram(path: "/bin/true", arguments: ["true"])
        let scratch = try Scratch(unpacking: .confined(program))
        let error = await #expect(throws: ImageStoreError.self) {
            try await scratch.add(CompressionTests.tar)
        }
        #expect(error?.description.contains("without a word") == true)
        try scratch.expectEmpty()
        let nothing = UnpackerProgram(path: "/nonexistent", arguments: ["x"])
        let other = try Scratch(unpacking: .confined(nothing))
        let missing = await #expect(throws: ImageStoreError.self) {
            try await other.add(CompressionTests.tar)
        }
        #expect(missing?.description.contains("could not be started") == true)
        try other.expectEmpty()
    }

    @Test("that reports without end is stopped, and not waited for")
    func endless() async throws {
        let words = ["sh", "-c", "exec /bin/cat /dev/zero >&\(UnpackRequest.socket)"]
        let program = UnpackerProgram(path: "/bin/sh", arguments: words)
        let scratch = try Scratch(unpacking: .confined(program))
        let error = await #expect(throws: ImageStoreError.self) {
            try await scratch.add(CompressionTests.tar)
        }
        let limit = UnpackerProcess.reportLimit
        #expect(error?.problem == .unpacker("reported more than \(limit) bytes"))
        try scratch.expectEmpty()
    }

    @Test("makes the same of a layer as one that is not confined", arguments: fileSystems)
    func same(fileSystem: String) async throws {
        let tar = TestTar { tar in
            tar.folder("d", mode: 0o2775)
            tar.add(.init(name: Array("d/su".utf8), type: "0", mode: 0o4711, owner: 7, group: 8))
            tar.folder("sticky", mode: 0o1777)
            tar.folder("tight", mode: 0o700)
            tar.file("tight/file", "text", mode: 0o600)
            tar.file("wide", "", mode: 0o666)
            tar.link("link", to: "/d")
            tar.file("link/through", "x")
            tar.file(".wh.gone")
            tar.folder("opaque")
            tar.file("opaque/.wh..wh..opq")
            tar.file("implied/file")
            tar.add(.init(name: Array("null".utf8), type: "3", mode: 0o666, device: (1, 3)))
            tar.add(
                .init(
                    name: Array("cap".utf8),
                    type: "0",
                    mode: 0o755,
                    pax: [
                        (
                            "SCHILY.xattr.security.capability",
                            [1, 0, 0, 2, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12)
                        )
                    ]
                )
            )
        }.finished
        var listings: [String] = []
        for unpacking in [Unpacking.inProcess, Tester.confined] {
            let scratch = try Scratch(on: fileSystem, unpacking: unpacking)
            let layer = try await scratch.add(tar)
            listings.append(try listing(scratch.store.layerPath(layer)))
            #expect(
                try scratch.store.impliedPaths(of: layer).map(\.description).sorted() == [
                    "/", "implied",
                ]
            )
        }
        #expect(listings[0] == listings[1])
        #expect(listings[1].contains("opaque 40755 0:0 trusted.overlay.opaque"))
        #expect(listings[1].contains("cap 100755 0:0 security.capability"))
        #expect(listings[1].contains("d 42775 0:0"))
        #expect(listings[1].contains("d/su 104711 7:8"))
        #expect(listings[1].contains("d/through 100644 0:0"))
    }

    /// Everything below a folder, a line each, with times.
    private func listing(_ folder: FilePath, below: String = "") throws -> String {
        var lines: [String] = []
        for name in try folderEntries(folder).sorted() {
            let path = folder.appending(name)
            let found = try #require(status(path))
            var line = "\(below)\(name) \(String(found.st_mode, radix: 8))"
            line += " \(found.st_uid):\(found.st_gid)"
            if found.st_mode & S_IFMT == S_IFDIR || found.st_mode & S_IFMT == S_IFREG {
                let file = SharedFD(try openFile(path, O_RDONLY))
                for attribute in try file.extendedAttributeNames(subject: "").sorted() {
                    line += " \(attribute)"
                }
            }
            // A directory that nobody describes, and overlay's whiteout, have the time of now.
            if name != "implied", found.st_rdev != 0 || found.st_mode & S_IFMT != S_IFCHR {
                line += " \(found.st_mtim.tv_sec)"
            }
            lines.append(line)
            if found.st_mode & S_IFMT == S_IFDIR {
                lines.append(try listing(path, below: "\(below)\(name)/"))
            }
        }
        return lines.joined(separator: "\n")
    }
}
